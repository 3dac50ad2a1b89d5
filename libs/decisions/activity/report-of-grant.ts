import type { Subject } from '#access';
import type { GrantReport, GrantView } from '#contracts';
import {
  Account,
  Activity,
  AuditEvent,
  databaseNow,
  Elevation,
  ExternalAdministratorRequest,
  Grant,
  HelpDeskSession,
  Organization,
  type EntityManager,
} from '#persistence';
import { readGrant } from '../grant/read.ts';
import { viewActivity } from './view.ts';

/** A report is read by people; whoever needs more pages through the activities. */
const mostActivities = 1000;

/** One access from the wish to its end: who asked why, who decided by which right, how it was used, how it ended. */
export async function reportOfGrant(em: EntityManager, viewer: Subject, grantId: string): Promise<GrantReport> {
  const grant = await readGrant(em, viewer, grantId);
  const now = await databaseNow(em);
  const row = grant.kind === 'external-administrator' ? null : await em.findOne(Grant, { id: grantId });
  const request = await requestOf(em, grant);
  const decision = await decisionOf(em, grant);
  const endedById = row?.endedById ?? null;
  const names = await namesOf(em, [decision.accountId, endedById]);
  const organizations = await em.find(Organization, { id: { $in: [grant.organizationId, grant.partnerId] } });
  const nameOf = (id: string) => organizations.find((one) => one.id === id)?.name ?? '';
  const activities = await em.find(Activity, { grantId }, { orderBy: { at: 'asc', id: 'asc' }, limit: mostActivities });
  const somebody = (id: string | null) => (id ? { id, displayName: names.get(id) ?? '' } : null);
  return {
    grant,
    organizationName: nameOf(grant.organizationId),
    partnerName: nameOf(grant.partnerId),
    request: { ...request, by: { id: grant.account.id, displayName: grant.account.displayName } },
    decision: { by: somebody(decision.accountId) ?? grant.approvedBy, right: decision.right, at: decision.at },
    use: { evaluations: row?.evaluations ?? 0, firstAt: grant.usedAt },
    activities: activities.map(viewActivity),
    activityCount: await em.count(Activity, { grantId }),
    ending: grant.endedAt
      ? { how: grant.status, at: grant.endedAt, by: somebody(endedById), reason: grant.endReason }
      : null,
    generatedAt: now.toISOString(),
  };
}

async function requestOf(em: EntityManager, grant: GrantView): Promise<Omit<GrantReport['request'], 'by'>> {
  const { sourceId: id } = grant;
  const shared = { id, ticket: null, durationSeconds: null };
  if (grant.kind === 'elevation') {
    const asked = await em.findOneOrFail(Elevation, { id });
    const { reason, ticket, durationSeconds } = asked;
    return { id, reason, ticket: ticket ?? null, durationSeconds, at: asked.createdAt.toISOString() };
  }
  const asked =
    grant.kind === 'help-desk-session'
      ? await em.findOne(HelpDeskSession, { id })
      : await em.findOne(ExternalAdministratorRequest, { id });
  return { ...shared, reason: asked?.reason ?? null, at: asked?.createdAt.toISOString() ?? grant.startsAt };
}

const deciding = ['approved', 'attached', 'opened'].flatMap((verb) =>
  ['elevation', 'help-desk-session', 'external-administrator'].map((feature) => `${feature}.${verb}`),
);

/** As the trail has it: the right is that of the moment, whatever became of the person since. */
async function decisionOf(
  em: EntityManager,
  grant: GrantView,
): Promise<{ accountId: string | null; right: string; at: string }> {
  const event = await em.findOne(
    AuditEvent,
    { subjectId: grant.sourceId, action: { $in: deciding }, outcome: 'success' },
    { orderBy: { recordedOrder: 'asc' } },
  );
  const right = event?.actor.by ?? 'policy';
  // What somebody opened by themselves nobody else decided.
  const accountId = event?.actor.kind === 'account' && event.action.endsWith('.approved') ? event.actor.id : null;
  return { accountId, right, at: event?.at.toISOString() ?? grant.startsAt };
}

async function namesOf(em: EntityManager, ids: readonly (string | null)[]): Promise<Map<string, string>> {
  const people = await em.find(Account, { id: { $in: ids.flatMap((id) => id ?? []) } });
  return new Map(people.map(({ id, displayName }) => [id, displayName]));
}
