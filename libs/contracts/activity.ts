import { z } from 'zod';
import { grant } from './grant.ts';
import { inputInstant, instant, page, pageQuery, plainText, singleLine, uuid } from './scalars.ts';

export const activityOutcomes = ['success', 'failure'] as const;

/** What one act may take as JSON, in bytes; what is longer is a document and not the record of an act. */
export const largestActivity = 2048;
const mostActivities = 100;

/** As it was asked about: the resource of an evaluation fits. */
const resource = z.strictObject({
  type: plainText(100),
  id: plainText(500),
  properties: z.record(z.string(), z.unknown()).optional(),
});

export const reportActivity = z
  .strictObject({
    action: singleLine(200),
    resource,
    at: inputInstant,
    outcome: z.enum(activityOutcomes),
    externalId: singleLine(200),
  })
  .meta({
    id: 'ReportActivity',
    example: {
      action: 'phone.restart',
      resource: { type: 'setting', id: 'devices' },
      at: '2026-11-22T09:30:00.000Z',
      outcome: 'success',
      externalId: 'job-20417-3',
    },
  });

export const reportActivities = z
  .union([
    reportActivity,
    z.strictObject({ activities: z.array(reportActivity).min(1).max(mostActivities) }).meta({ id: 'ActivityBatch' }),
  ])
  .meta({ id: 'ReportActivities', example: reportActivity.meta()?.['example'] });

export const activity = z
  .object({
    id: uuid,
    grantId: uuid,
    action: z.string(),
    resource: z.object({
      type: z.string(),
      id: z.string(),
      properties: z.record(z.string(), z.unknown()).optional(),
    }),
    at: instant,
    outcome: z.enum(activityOutcomes),
    externalId: z.string(),
    reportedAt: instant,
    /** The API key, and the organization it is of. */
    reportedBy: z.object({ id: uuid, organizationId: uuid }),
    /** As the trail has it: base64url of the SHA-256 of the canonical JSON of the other fields but `reportedAt`. */
    digest: z.string(),
  })
  .meta({ id: 'Activity' });

export const reportedActivities = z
  .object({ items: z.array(activity), created: z.int() })
  .meta({ id: 'ReportedActivities' });

export const activityQuery = pageQuery;
export const activityPage = page(activity).meta({ id: 'ActivityPage' });

const somebody = z.object({ id: uuid, displayName: z.string() });

/** The whole of a temporary access: asked, decided, used, ended. */
export const grantReport = z
  .object({
    grant,
    organizationName: z.string(),
    partnerName: z.string(),
    request: z.object({
      id: uuid,
      by: somebody,
      at: instant,
      reason: z.string().nullable(),
      ticket: z.string().nullable(),
      durationSeconds: z.int().nullable(),
    }),
    decision: z.object({
      by: somebody.nullable(),
      /** The role it was decided by, or `policy` where nobody had to. */
      right: z.string(),
      at: instant,
    }),
    use: z.object({ evaluations: z.int(), firstAt: instant.nullable() }),
    activities: z.array(activity),
    activityCount: z.int(),
    ending: z
      .object({ how: grant.shape.status, at: instant, by: somebody.nullable(), reason: z.string().nullable() })
      .nullable(),
    generatedAt: instant,
  })
  .meta({ id: 'GrantReport' });

export type ReportActivity = z.infer<typeof reportActivity>;
export type ReportActivities = z.infer<typeof reportActivities>;
export type ActivityView = z.infer<typeof activity>;
export type ReportedActivities = z.infer<typeof reportedActivities>;
export type ActivityQuery = z.infer<typeof activityQuery>;
export type GrantReport = z.infer<typeof grantReport>;
