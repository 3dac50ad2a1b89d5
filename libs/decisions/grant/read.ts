import { maySeeRequest, organizationSight, type Subject } from '#access';
import { Refusal, type GrantQuery, type GrantView } from '#contracts';
import { Account, databaseNow, Grant, type EntityManager } from '#persistence';
import { sidesInSight } from '../approval/read.ts';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, newestOf, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';
import { featureOf } from './end.ts';
import { findExternalGrant, findExternalGrants } from './external.ts';
import { grantInStatusAt } from './status.ts';
import { viewGrantState } from './view.ts';

const partiesOf = (grant: Grant) => ({
  requesterId: grant.accountId,
  partnerId: grant.partnerId,
  organizationId: grant.organizationId,
});

/**
 * Every temporary access the actor may see, newest first. Asked about one organization, `not_found` for an outsider who
 * has no part in any of it: an empty list would say that nobody has access there.
 */
export async function listGrants(
  em: EntityManager,
  actor: Actor,
  { organizationId, accountId, status, limit, cursor }: GrantQuery,
): Promise<{ items: GrantView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const viewer = await subjectOf(em, actor);
  const sides = sidesInSight({ maySee: maySeeRequest }, viewer, now);
  const rows = await newestOf(
    em,
    Grant,
    [
      ...(viewer.accountId ? [{ accountId: viewer.accountId }] : []),
      ...sides.deciding.map((id) => ({ organizationId: id })),
      ...sides.asking.map((id) => ({ partnerId: id })),
    ],
    {
      ...(organizationId && { organizationId }),
      ...(accountId && { accountId }),
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
      $and: [status ? grantInStatusAt(status, now) : {}],
    },
    limit + 1,
  );
  const external = await findExternalGrants(em, viewer, { organizationId, accountId, status, cursor, limit }, now);
  // Ids are in order of creation whatever table they come from.
  const all = [...(await viewGrants(em, rows, now)), ...external].sort((one, other) => (one.id < other.id ? 1 : -1));
  const { rows: items, nextCursor } = pageOf(all, limit);
  if (organizationId && items.length === 0) await requireSight(em, actor, organizationId, organizationSight, now);
  return { items, nextCursor };
}

/** One temporary access; 404 for everybody it does not concern. */
export async function readGrant(em: EntityManager, viewer: Subject, grantId: string): Promise<GrantView> {
  const grant = await em.findOne(Grant, { id: grantId });
  const now = await databaseNow(em);
  const isSeen = grant && maySeeRequest(viewer, partiesOf(grant), now).allowed;
  const view = isSeen ? (await viewGrants(em, [grant], now))[0] : await findExternalGrant(em, viewer, grantId, now);
  if (!view) throw new Refusal('not_found');
  return view;
}

async function viewGrants(em: EntityManager, grants: Grant[], now: Date): Promise<GrantView[]> {
  const ids = grants.flatMap((grant) => [grant.accountId, ...(grant.approvedById ? [grant.approvedById] : [])]);
  const people = new Map(
    (await em.find(Account, { id: { $in: [...new Set(ids)] } })).map((account) => [account.id, account]),
  );
  return grants.map((grant) => {
    const holder = people.get(grant.accountId);
    const approver = grant.approvedById ? people.get(grant.approvedById) : undefined;
    return {
      ...viewGrantState(grant, now),
      kind: featureOf[grant.kind],
      sourceId: grant.sourceId,
      organizationId: grant.organizationId,
      partnerId: grant.partnerId,
      account: { id: grant.accountId, displayName: holder?.displayName ?? '', email: holder?.email ?? '' },
      approvedBy: approver ? { id: approver.id, displayName: approver.displayName } : null,
    };
  });
}
