import { maySeeRequest, type Subject } from '#access';
import { Refusal, type ChangeRequestQuery, type ChangeRequestView } from '#contracts';
import {
  Account,
  ApiKey,
  ChangeRequest,
  continueAsSystem,
  databaseNow,
  Organization,
  type EntityManager,
} from '#persistence';
import { sidesInSight } from '../approval/read.ts';
import { approvalStatusAt, inStatusAt, settledAt } from '../approval/status.ts';
import { countMails } from '../mail-delivery/index.ts';
import { decodeCursor, pageOf } from '../page.ts';

/** Proposals the viewer may see, newest first; of one organization, or of all. 404 where they are on neither side of it. */
export async function listChangeRequests(
  em: EntityManager,
  viewer: Subject,
  organizationId: string | null,
  { status, limit, cursor }: ChangeRequestQuery,
): Promise<{ items: ChangeRequestView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const { deciding, asking } = sidesInSight({ maySee: maySeeRequest }, viewer, now);
  if (organizationId && viewer.memberships.length === 0) throw new Refusal('not_found');
  const rows = await em.find(
    ChangeRequest,
    {
      ...(organizationId && { organizationId }),
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
      $and: [
        status ? inStatusAt(status, now) : {},
        {
          $or: [
            ...(viewer.accountId ? [{ requesterId: viewer.accountId }] : []),
            { organizationId: { $in: deciding } },
            { partnerId: { $in: asking } },
          ],
        },
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  await continueAsSystem(em);
  const items: ChangeRequestView[] = [];
  for (const row of kept) items.push(await viewChangeRequest(em, row, now));
  return { items, nextCursor };
}

export async function viewChangeRequest(
  em: EntityManager,
  request: ChangeRequest,
  now: Date,
): Promise<ChangeRequestView> {
  const { organizationId, partnerId, requesterId, requesterKind, decidedById } = request;
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const partner = partnerId ? await em.findOne(Organization, { id: partnerId }) : null;
  const decider = decidedById ? await em.findOne(Account, { id: decidedById }) : null;
  const { sso, ...change } = request.change;
  return {
    id: request.id,
    kind: request.kind,
    status: approvalStatusAt(request, now),
    organizationId,
    organizationName: organization.name,
    partnerId: partnerId ?? null,
    partnerName: partner?.name ?? null,
    requester: {
      kind: requesterKind,
      id: requesterId,
      displayName: await requesterNameOf(em, request),
    },
    change: {
      ...change,
      ...(sso !== undefined && {
        sso: sso && { issuer: sso.issuer, clientId: sso.clientId, activationUrl: sso.activationUrl },
      }),
    },
    reason: request.reason,
    createdAt: request.createdAt.toISOString(),
    decideBy: request.decideBy.toISOString(),
    decidedAt: settledAt(request, now),
    decidedBy: decider ? { id: decider.id, displayName: decider.displayName } : null,
    decisionReason: request.decisionReason ?? null,
    unexpected: request.unexpected,
    notifications: await countMails(em, { rowId: request.id }),
  };
}

/** Of the person, or of the key. */
export async function requesterNameOf(
  em: EntityManager,
  { requesterKind, requesterId: id }: ChangeRequest,
): Promise<string> {
  if (requesterKind === 'service') return (await em.findOne(ApiKey, { id }))?.name ?? '';
  return (await em.findOne(Account, { id }))?.displayName ?? '';
}
