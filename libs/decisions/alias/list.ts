import { maySeeAliases, peopleSight } from '#access';
import { normalizeAddress, Refusal, type AliasView } from '#contracts';
import { Address, databaseNow, loadTarget, Membership, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { isInReach } from '../membership/in-reach.ts';
import { requireSight } from '../organization/sight.ts';
import { subjectOf } from '../subject-of.ts';

/** The aliases the organization gave a member; what other organizations gave is theirs to show. */
export async function listAliases(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
): Promise<AliasView[]> {
  const accountId = await requireAliasSight(em, actor, organizationId, memberId);
  const rows = await em.find(
    Address,
    { accountId, kind: 'alias', givenByOrganizationId: organizationId },
    { orderBy: { createdAt: 'asc' } },
  );
  return rows.map(viewAlias);
}

export async function readAlias(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
  address: string,
): Promise<AliasView> {
  const accountId = await requireAliasSight(em, actor, organizationId, memberId);
  const alias = await em.findOne(Address, {
    address: normalizeAddress(address),
    accountId,
    kind: 'alias',
    givenByOrganizationId: organizationId,
  });
  if (!alias) throw new Refusal('not_found');
  return viewAlias(alias);
}

/** The member's account, for the member and for whoever may change its addresses. */
async function requireAliasSight(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
): Promise<string> {
  const now = await databaseNow(em);
  const subject = await subjectOf(em, actor);
  const target = await loadTarget(em, organizationId);
  const membership = await em.findOne(Membership, { id: memberId, organizationId, removedAt: null });
  if (membership?.accountId !== subject.accountId) await requireSight(em, actor, organizationId, peopleSight, now);
  if (!membership || !target || !isInReach(subject, target, membership, now)) throw new Refusal('not_found');
  if (!maySeeAliases(subject, target, membership, now).allowed) throw new Refusal('may_not_change_aliases');
  return membership.accountId;
}

export function viewAlias({ address, verifiedAt, createdAt }: Address): AliasView {
  return { address, verifiedAt: verifiedAt?.toISOString() ?? null, createdAt: createdAt.toISOString() };
}
