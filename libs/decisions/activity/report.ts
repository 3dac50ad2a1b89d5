import { uuidv7 } from 'uuidv7';
import { isWithinLife, mayReportActivity, type AccessLife } from '#access';
import { canonicalJson } from '#audit';
import { Refusal, type GrantView, type ReportActivity, type ReportedActivities } from '#contracts';
import { Activity } from '#persistence';
import type { Decision } from '../decision.ts';
import { findAnyGrant, readGrant } from '../grant/read.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { viewActivity } from './view.ts';

/**
 * Writes down what a service let be done with a temporary access: all of it or nothing. Told again with the same content
 * nothing happens, however often; what was told once stays as it was told.
 *
 * @param placeOf where in the request the act of that number stands
 */
export async function reportActivities(
  decision: Decision,
  grantId: string,
  acts: readonly ReportActivity[],
  placeOf: (index: number) => string,
): Promise<ReportedActivities> {
  const { em, actor } = decision;
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  const found = await findAnyGrant(em, grantId, now);
  const ruling = found && mayReportActivity(subject, found, now);
  if (!found || !ruling?.allowed) {
    // To whoever does not see the access it is not there.
    const seen = await readGrant(em, subject, grantId);
    return refuseAct(
      {
        action: 'grant.acted',
        organizationIds: [seen.organizationId, seen.partnerId],
        subject: { kind: 'grant', id: grantId },
      },
      'service_required',
    );
  }
  const outside = acts.flatMap(({ at }, index) => (isWithinLife(lifeOf(found), new Date(at), now) ? [] : [index]));
  if (outside.length > 0) {
    const { status, startsAt, expiresAt, endedAt } = found;
    throw new Refusal('activity_outside_grant', {
      state: { status, startsAt, expiresAt, endedAt },
      errors: outside.map((index) => ({ pointer: `${placeOf(index)}/at`, message: 'The access was not open then' })),
    });
  }
  const reporter = { keyId: actor.id ?? '', organizationId: subject.memberships[0]?.organizationId ?? '' };
  const written = await write(decision, found, reporter, acts);
  const rows = await em.find(Activity, {
    grantId,
    reporterOrganizationId: reporter.organizationId,
    externalId: { $in: acts.map(({ externalId }) => externalId) },
  });
  const views = new Map(rows.map((row) => [row.externalId, viewActivity(row)]));
  const items = acts.flatMap(({ externalId }) => views.get(externalId) ?? []);
  const differing = acts.flatMap((act, index) => (contentOf(act) === contentOf(items[index] ?? act) ? [] : [index]));
  if (differing.length > 0) {
    throw new Refusal('activity_differs', {
      errors: differing.map((index) => ({ pointer: placeOf(index), message: 'Told of before with another content' })),
    });
  }
  const created = [...views.values()].filter(({ id }) => written.has(id));
  if (created.length > 0) {
    decision.record({
      action: 'grant.acted',
      by: ruling.by,
      organizationIds: [found.organizationId, found.partnerId],
      subject: { kind: 'grant', id: grantId },
      facts: { digests: Object.fromEntries(created.map(({ id, digest }) => [id, digest])) },
      grantId,
      at: now,
    });
  }
  return { items, created: created.length };
}

const lifeOf = ({ startsAt, endedAt, expiresAt }: GrantView): AccessLife => ({
  startsAt: new Date(startsAt),
  endsAt: new Date(endedAt ?? expiresAt),
});

const contentOf = ({ action, resource, at, outcome }: Omit<ReportActivity, 'externalId'>): string =>
  canonicalJson({ action, resource, at, outcome });

/** In one statement. Whoever tells of the same act at this moment is waited for at the unique index. */
async function write(
  { em }: Decision,
  { id: grantId, organizationId, partnerId }: GrantView,
  reporter: { keyId: string; organizationId: string },
  acts: readonly ReportActivity[],
): Promise<Set<string>> {
  const rows = acts.map((act) => ({ ...act, id: uuidv7() }));
  const written = await em.execute<{ id: string }[]>(
    `insert into activity (id, grant_id, organization_id, partner_id, reporter_key_id, reporter_organization_id,
                           action, resource, outcome, external_id, at)
     select id, ?, ?, ?, ?, ?, action, resource, outcome, "externalId", at
       from jsonb_to_recordset(?::jsonb)
            as told(id uuid, action text, resource jsonb, outcome text, "externalId" text, at timestamptz)
     on conflict do nothing returning id`,
    [grantId, organizationId, partnerId, reporter.keyId, reporter.organizationId, JSON.stringify(rows)],
  );
  return new Set(written.map(({ id }) => id));
}
