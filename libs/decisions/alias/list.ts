import { maySeeAliases } from '#access';
import { Refusal, type AliasView } from '#contracts';
import { Address, databaseNow, loadTarget, Membership, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { subjectOf } from '../subject-of.ts';

/** The aliases the organization gave a member; what other organizations gave is theirs to show. */
export async function listAliases(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
): Promise<AliasView[]> {
  const membership = await em.findOne(Membership, { id: memberId, organizationId, removedAt: null });
  const target = await loadTarget(em, organizationId);
  if (!membership || !target) throw new Refusal('not_found');
  const ruling = maySeeAliases(await subjectOf(em, actor), target, membership.accountId, await databaseNow(em));
  if (!ruling.allowed) throw new Refusal('may_not_change_aliases');
  const rows = await em.find(
    Address,
    { accountId: membership.accountId, kind: 'alias', givenByOrganizationId: organizationId },
    { orderBy: { createdAt: 'asc' } },
  );
  return rows.map(viewAlias);
}

export function viewAlias({ address, verifiedAt, createdAt }: Address): AliasView {
  return { address, verifiedAt: verifiedAt?.toISOString() ?? null, createdAt: createdAt.toISOString() };
}
