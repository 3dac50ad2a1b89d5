import { z } from 'zod';
import { approvalStatuses, changeKinds } from '#access';
import { notifications } from './notifications.ts';
import { updateOrganization } from './organization.ts';
import { displayName, email, instant, nothing, page, pageQuery, reason, uuid } from './scalars.ts';

const { loginMethods, sso, domains, policy, foreignSignIn } = updateOrganization.shape;

/** What a refinement asks for, in the words of JSON Schema: the published document must say it, too. */
const named = (name: string) => ({ properties: { [name]: {} }, required: [name] });
const oneOfThem = (...names: string[]) => ({ oneOf: names.map(named) });
const atLeastOneOf = (...names: string[]) => ({ anyOf: names.map(named) });

/** A further full administrator: a member, or somebody to be invited. */
const appointment = z
  .strictObject({
    kind: z.literal('appointment'),
    partnerId: uuid.optional(),
    memberId: uuid.optional(),
    email: email.optional(),
    displayName: displayName.optional(),
    reason,
  })
  .refine(({ memberId, email: address }) => (memberId === undefined) !== (address === undefined), {
    message: 'Name the person by memberId or by email, one of them',
    path: ['memberId'],
  })
  .meta(oneOfThem('memberId', 'email'));

const authentication = z
  .strictObject({
    kind: z.literal('authentication'),
    partnerId: uuid.optional(),
    loginMethods,
    sso,
    domains,
    reason,
  })
  .refine((change) => change.loginMethods !== undefined || change.sso !== undefined || change.domains !== undefined, {
    message: 'Name loginMethods, sso or domains',
    path: [],
  })
  .meta(atLeastOneOf('loginMethods', 'sso', 'domains'));

const policyChange = z
  .strictObject({ kind: z.literal('policy'), policy, foreignSignIn, reason })
  .refine((change) => change.policy !== undefined || change.foreignSignIn !== undefined, {
    message: 'Name policy or foreignSignIn',
    path: [],
  })
  .meta(atLeastOneOf('policy', 'foreignSignIn'));

export const createChangeRequest = z.discriminatedUnion('kind', [appointment, authentication, policyChange]).meta({
  id: 'CreateChangeRequest',
  example: { kind: 'appointment', email: 'ada@acme.example', reason: 'The present administrator leaves in May.' },
});

export const approveChangeRequest = nothing('ApproveChangeRequest');
export const cancelChangeRequest = nothing('CancelChangeRequest');
export const denyChangeRequest = z
  .strictObject({ reason: reason.optional(), unexpected: z.boolean().optional() })
  .meta({ id: 'DenyChangeRequest', example: { reason: 'Nobody leaves.', unexpected: true } });

/** What is proposed; a client secret is never answered. */
export const proposedChange = z
  .object({
    memberId: uuid.optional(),
    email: z.string().optional(),
    displayName: z.string().optional(),
    loginMethods: z.array(z.enum(['sso', 'password'])).optional(),
    sso: z
      .object({ issuer: z.string(), clientId: z.string(), activationUrl: z.string().nullable() })
      .nullable()
      .optional(),
    domains: z.array(z.string()).optional(),
    policy,
    foreignSignIn,
  })
  .meta({ id: 'ProposedChange' });

export const changeRequest = z
  .object({
    id: uuid,
    kind: z.enum(changeKinds),
    status: z.enum(approvalStatuses),
    organizationId: uuid,
    organizationName: z.string(),
    partnerId: uuid.nullable(),
    partnerName: z.string().nullable(),
    requester: z.object({ kind: z.enum(['account', 'service']), id: uuid, displayName: z.string() }),
    change: proposedChange,
    reason: z.string(),
    createdAt: instant,
    decideBy: instant,
    decidedAt: instant.nullable(),
    decidedBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    decisionReason: z.string().nullable(),
    unexpected: z.boolean(),
    notifications,
  })
  .meta({ id: 'ChangeRequest' });

export const changeRequestQuery = pageQuery.extend({ status: z.enum(approvalStatuses).optional() });
export const changeRequestPage = page(changeRequest).meta({ id: 'ChangeRequestPage' });

export type CreateChangeRequest = z.infer<typeof createChangeRequest>;
export type ChangeRequestView = z.infer<typeof changeRequest>;
export type ChangeRequestQuery = z.infer<typeof changeRequestQuery>;
