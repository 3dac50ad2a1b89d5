import { z } from 'zod';
import { approvalStatuses, areas, grantStatuses } from '#access';
import { notifications } from './notifications.ts';
import { instant, nothing, page, pageQuery, person, queryInteger, reason, seconds, ticket, uuid } from './scalars.ts';

/** At least one: who wants nothing opened has nothing to ask for, or denies. */
export const elevationAreas = z
  .array(z.enum(areas))
  .min(1)
  .transform((named) => areas.filter((area) => named.includes(area)));

export const createElevation = z
  .strictObject({
    customerId: uuid,
    partnerId: uuid.optional(),
    reason,
    ticket: ticket.optional(),
    durationSeconds: seconds.optional(),
    areas: elevationAreas.optional(),
  })
  .meta({
    id: 'CreateElevation',
    example: {
      customerId: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e',
      reason: 'Call quality drops every morning; the device profile needs a change.',
      ticket: 'INC-4711',
      durationSeconds: 1800,
      areas: ['devices', 'app_integrations'],
    },
  });

// A misspelt field of a decision would silently decide something else: these bodies take no others.
export const approveElevation = z
  .strictObject({ durationSeconds: seconds.optional(), areas: elevationAreas.optional() })
  .meta({ id: 'ApproveElevation' });
export const denyElevation = z
  .strictObject({ reason: reason.optional(), unexpected: z.boolean().optional() })
  .meta({ id: 'DenyElevation', example: { reason: 'Nobody here called you.', unexpected: true } });
export const revokeElevation = z.strictObject({ reason: reason.optional() }).meta({ id: 'RevokeElevation' });
export const cancelElevation = nothing('CancelElevation');
export const returnElevation = nothing('ReturnElevation');

export const grantState = z
  .object({
    id: uuid,
    startsAt: instant,
    expiresAt: instant,
    areas: z.array(z.enum(areas)).nullable(),
    usedAt: instant.nullable(),
    status: z.enum(grantStatuses),
    endedAt: instant.nullable(),
    endReason: z.string().nullable(),
  })
  .meta({ id: 'GrantState' });

export const elevation = z
  .object({
    id: uuid,
    status: z.enum(approvalStatuses),
    customerId: uuid,
    customerName: z.string(),
    partnerId: uuid,
    partnerName: z.string(),
    requester: person,
    reason: z.string(),
    ticket: z.string().nullable(),
    durationSeconds: z.int(),
    areas: z.array(z.enum(areas)),
    createdAt: instant,
    decideBy: instant,
    seenAt: instant.nullable(),
    decidedAt: instant.nullable(),
    decidedBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    decisionReason: z.string().nullable(),
    unexpected: z.boolean(),
    eligibleApprovers: z.object({ count: z.int(), names: z.array(z.string()) }),
    notifications,
    grant: grantState.nullable(),
  })
  .meta({ id: 'Elevation' });

export const elevationQuery = pageQuery.extend({
  customerId: uuid.optional(),
  partnerId: uuid.optional(),
  status: z.enum(approvalStatuses).optional(),
});
export const elevationPage = page(elevation).meta({ id: 'ElevationPage' });

/** `?wait=30`: answer at the next state or after so many seconds. */
export const waitQuery = z.object({ wait: queryInteger(0, 60).default(0) });

export type CreateElevation = z.infer<typeof createElevation>;
export type ElevationView = z.infer<typeof elevation>;
export type ElevationQuery = z.infer<typeof elevationQuery>;
