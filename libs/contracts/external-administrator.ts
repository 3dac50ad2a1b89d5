import { z } from 'zod';
import { approvalStatuses } from '#access';
import { notifications } from './notifications.ts';
import { email, hostname, inputInstant, instant, nothing, page, pageQuery, person, reason, uuid } from './scalars.ts';

const externalAdministratorRole = z
  .enum(['full_administrator', 'provisioning_administrator', 'read_only_administrator'])
  .meta({ id: 'ExternalAdministratorRole', example: 'full_administrator' });

/** Null means until removed. */
const until = instant.nullable();
const newUntil = inputInstant.nullable();

export const createExternalAdministratorRequest = z
  .strictObject({
    customerId: uuid.optional(),
    customerDomain: hostname.optional(),
    partnerId: uuid.optional(),
    addressedTo: email.optional(),
    reason,
    attach: z.boolean().default(false),
  })
  .refine(({ customerId, customerDomain }) => (customerId === undefined) !== (customerDomain === undefined), {
    message: 'Name the customer by customerId or by customerDomain, one of them',
    path: ['customerId'],
  })
  .meta({
    id: 'CreateExternalAdministratorRequest',
    oneOf: [{ required: ['customerId'] }, { required: ['customerDomain'] }],
    example: { customerDomain: 'acme.example', addressedTo: 'ada@acme.example', reason: 'Order 4711: we set it up.' },
  });

export const approveExternalAdministrator = z
  .strictObject({ email, role: externalAdministratorRole, until: newUntil.optional() })
  .meta({
    id: 'ApproveExternalAdministrator',
    example: { email: 'grace@partner.example', role: 'full_administrator', until: '2027-01-31T17:00:00.000Z' },
  });

export const denyExternalAdministrator = z
  .strictObject({ reason: reason.optional(), unexpected: z.boolean().optional() })
  .meta({ id: 'DenyExternalAdministrator', example: { reason: 'We ordered nothing.', unexpected: true } });

export const updateExternalAdministrator = z
  .object({ role: externalAdministratorRole.optional(), until: newUntil.optional() })
  .strict()
  .refine((changes) => changes.role !== undefined || changes.until !== undefined, {
    message: 'Name a role or an until',
    path: [],
  })
  .meta({ id: 'UpdateExternalAdministrator', minProperties: 1, example: { until: '2027-01-31T17:00:00.000Z' } });

export const renewExternalAdministrator = z
  .strictObject({ until: inputInstant })
  .meta({ id: 'RenewExternalAdministrator', example: { until: '2027-01-31T17:00:00.000Z' } });
export type RenewExternalAdministrator = z.infer<typeof renewExternalAdministrator>;

export const cancelExternalAdministratorRequest = nothing('CancelExternalAdministratorRequest');

/** What an approval gave, as it stands now. */
export const externalAccess = z
  .object({
    memberId: uuid,
    role: externalAdministratorRole.nullable(),
    until,
    status: z.enum(['active', 'expired', 'revoked', 'superseded', 'ended']),
    endedAt: instant.nullable(),
    endReason: z.string().nullable(),
  })
  .meta({ id: 'ExternalAccess' });

export const externalAdministratorRequest = z
  .object({
    id: uuid,
    status: z.enum(approvalStatuses),
    /** To the partner's side what was typed, until the customer approves: it tells nothing of who exists. */
    customerId: uuid.nullable(),
    customerDomain: z.string().nullable(),
    customerName: z.string().nullable(),
    partnerId: uuid,
    partnerName: z.string(),
    requester: person,
    addressedTo: z.string().nullable(),
    reason: z.string(),
    createdAt: instant,
    decideBy: instant,
    decidedAt: instant.nullable(),
    decidedBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    decisionReason: z.string().nullable(),
    unexpected: z.boolean(),
    /** Whether the deployment let the requester in without an approval. */
    attached: z.boolean(),
    /** The roles an approver chooses from; empty to everybody else and once it is decided. */
    availableRoles: z.array(externalAdministratorRole),
    access: externalAccess.nullable(),
    /** To the partner's side those to the requester alone, until the customer approves. */
    notifications,
  })
  .meta({ id: 'ExternalAdministratorRequest' });

export const externalAdministratorRequestQuery = pageQuery.extend({
  customerId: uuid.optional(),
  partnerId: uuid.optional(),
  status: z.enum(approvalStatuses).optional(),
});
export const externalAdministratorRequestPage = page(externalAdministratorRequest).meta({
  id: 'ExternalAdministratorRequestPage',
});

export const externalAdministrator = z
  .object({
    /** The member's id. */
    id: uuid,
    account: person,
    role: externalAdministratorRole.nullable(),
    until,
    partnerId: uuid.nullable(),
    partnerName: z.string().nullable(),
    requestId: uuid.nullable(),
    since: instant,
  })
  .meta({ id: 'ExternalAdministrator' });
export const externalAdministratorPage = page(externalAdministrator).meta({ id: 'ExternalAdministratorPage' });

export type CreateExternalAdministratorRequest = z.infer<typeof createExternalAdministratorRequest>;
export type ApproveExternalAdministrator = z.infer<typeof approveExternalAdministrator>;
export type UpdateExternalAdministrator = z.infer<typeof updateExternalAdministrator>;
export type ExternalAdministratorRequestView = z.infer<typeof externalAdministratorRequest>;
export type ExternalAdministratorRequestQuery = z.infer<typeof externalAdministratorRequestQuery>;
export type ExternalAdministratorView = z.infer<typeof externalAdministrator>;
