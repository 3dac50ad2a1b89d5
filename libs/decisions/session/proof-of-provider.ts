import { saysSecondFactor } from '#access';
import type { Identified } from '#identity';
import { databaseNow, SsoIdentity, type EntityManager } from '#persistence';
import type { ProviderProof } from './session-code.ts';

/** What a session keeps of a provider's word: how it knows the person, since when, and by which identity and session. */
export async function proofOfProvider(
  em: EntityManager,
  organizationId: string,
  { issuer, subject, amr, acr, authenticatedAt, providerSessionId }: Identified,
): Promise<ProviderProof> {
  const identity = await em.findOne(SsoIdentity, { organizationId, issuer, subject });
  const now = await databaseNow(em);
  // A clock of the provider's that is ahead makes no proof fresher than now.
  const at = authenticatedAt && authenticatedAt < now ? authenticatedAt : now;
  return {
    amr,
    acr,
    authenticatedAt: at,
    secondFactorAt: saysSecondFactor({ amr, acr }) ? at : null,
    ssoIdentityId: identity?.id ?? null,
    providerSessionId,
  };
}
