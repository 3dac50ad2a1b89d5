import { maySeeRequest, type Subject } from '#access';
import { Refusal, type GrantQuery, type GrantView } from '#contracts';
import { Account, databaseNow, Grant, type EntityManager } from '#persistence';
import { sidesInSight } from '../approval/read.ts';
import { listAbout } from '../organization/about.ts';
import { decodeCursor, newestOf, pageOf } from '../page.ts';
import { featureOf } from './end.ts';
import { findAnyExternalGrant, findExternalGrant, findExternalGrants } from './external.ts';
import { grantInStatusAt } from './status.ts';
import { viewGrantState } from './view.ts';

const partiesOf = (grant: Grant) => ({
  requesterId: grant.accountId,
  partnerId: grant.partnerId,
  organizationId: grant.organizationId,
});

/** Every temporary access the viewer may see, newest first; 404 for whoever does not see the organization they name. */
export async function listGrants(
  em: EntityManager,
  viewer: Subject,
  query: GrantQuery,
): Promise<{ items: GrantView[]; nextCursor: string | null }> {
  return listAbout(em, viewer, query, ['organizationId'], (asked) => findGrants(em, viewer, asked));
}

async function findGrants(
  em: EntityManager,
  viewer: Subject,
  { organizationId, accountId, status, limit, cursor }: GrantQuery,
): Promise<{ items: GrantView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
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

/** One temporary access past all sight: for rules of their own, asked by the caller. */
export async function findAnyGrant(em: EntityManager, grantId: string, now: Date): Promise<GrantView | null> {
  const grant = await em.findOne(Grant, { id: grantId });
  return (grant ? (await viewGrants(em, [grant], now))[0] : await findAnyExternalGrant(em, grantId, now)) ?? null;
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
