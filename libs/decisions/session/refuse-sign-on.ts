import { Refusal } from '#contracts';
import type { Identified } from '#identity';
import type { Actor } from '../decision.ts';
import type { Decisions } from '../decisions.ts';
import { refuseAct, RefusedAct } from '../refuse-act.ts';

export interface SignOnInVain {
  organizationId: string;
  issuer: string;
  /** Who the provider said has signed in; null where it came to nothing before. */
  identified: Identified | null;
  isTest: boolean;
}

/**
 * Throws `error`, a single sign-on in vain, once it is on the trail of the organization it was for: what the provider
 * refused, what did not fit in its answer, and whom it knows and we do not let in. A fault stays a fault, and what is on
 * record already is not doubled.
 */
export async function refuseSignOn(
  decisions: Decisions,
  actor: Actor,
  error: unknown,
  { organizationId, issuer, identified, isTest }: SignOnInVain,
): Promise<never> {
  if (!(error instanceof Refusal) || error instanceof RefusedAct) throw error;
  const act = {
    action: isTest ? 'single-sign-on.provider-tested' : 'session.opened',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
    facts: { method: 'sso', issuer, ...(identified && { amr: identified.amr, acr: identified.acr }) },
  };
  return decisions.decide(actor, async () => refuseAct(act, error.code, error.details));
}
