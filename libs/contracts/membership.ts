import { z } from 'zod';
import { administratorRoles, workspaceRoles } from '#access';
import { instant, page, pageQuery, person, reason, singleLine, plainText, uuid } from './scalars.ts';

export const scope = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('client') }),
    z.strictObject({
      kind: z.literal('groups'),
      groupIds: z.array(uuid).max(500),
      teamIds: z.array(uuid).max(500).default([]),
    }),
  ])
  .meta({ id: 'Scope', example: { kind: 'client' } });

const distinct = <T>(values: T[]): T[] => [...new Set(values)];

const botBuilder = z.array(z.enum(['curation_console', 'one_click_testing'])).max(10);
const applications = z.array(singleLine(100)).max(100);

export const appTray = z
  .strictObject({
    botBuilder: botBuilder.default([]).transform(distinct),
    applications: applications.default([]).transform(distinct),
  })
  .meta({ id: 'AppTray', example: { botBuilder: ['curation_console'], applications: [] } });

export const administratorRoleList = z.array(z.enum(administratorRoles)).max(20).transform(distinct);

/** Who gave an administrator role, by which right and when, and who stands behind it beside them. */
export const roleProvenance = z
  .object({
    role: z.enum(administratorRoles),
    givenBy: z.object({
      kind: z.enum(['account', 'service', 'support', 'clock']),
      id: uuid.nullable(),
      displayName: z.string().nullable(),
    }),
    /** The role of the giver, or `founding`, `support`, `service`; `unknown` where an older record does not tell. */
    right: z.string(),
    partnerId: uuid.nullable(),
    at: instant,
    founding: z.boolean(),
    confirmedBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    confirmedAt: instant.nullable(),
  })
  .meta({ id: 'RoleProvenance' });

export const member = z
  .object({
    id: uuid,
    account: person,
    kind: z.enum(['home', 'external']),
    workspaceRole: z.enum(workspaceRoles).nullable(),
    administratorRoles: z.array(z.enum(administratorRoles)),
    derivedRoles: z.array(z.literal('provisioning_administrator')),
    decryptLogs: z.boolean(),
    scope: z.unknown(),
    appTray: z.object({
      botBuilder: z.array(z.string()),
      applications: z.array(z.string()),
      eventScheduler: z.enum(['none', 'read', 'write']),
    }),
    customerIds: z.array(uuid),
    until: instant.nullable(),
    status: z.enum(['active', 'ended']),
    createdAt: instant,
    provenance: z.array(roleProvenance),
    /**
     * Of home full administrators: whether they may approve for every partner of the organization, as founding ones or
     * confirmed by one. Null for everybody else.
     */
    confirmed: z.boolean().nullable(),
  })
  .meta({ id: 'Member' });

export const memberQuery = pageQuery.extend({
  query: plainText(200).optional(),
  workspaceRole: z.enum(workspaceRoles).optional(),
  administratorRole: z.enum(administratorRoles).optional(),
  kind: z.enum(['home', 'external']).optional(),
});
export const memberPage = page(member).meta({ id: 'MemberPage' });

export const updateMember = z
  .object({
    workspaceRole: z.enum(workspaceRoles).optional(),
    decryptLogs: z.boolean().optional(),
    purpose: z.enum(['data_protection_officer', 'debugging']).optional(),
    scope: scope.optional(),
    /** What is left out stays as it is. */
    appTray: z
      .object({
        botBuilder: botBuilder.transform(distinct).optional(),
        applications: applications.transform(distinct).optional(),
      })
      .strict()
      .optional(),
    reason: reason.optional(),
  })
  .strict()
  .meta({ id: 'UpdateMember', example: { workspaceRole: 'full_access' } });

/** Of a role, a member or an account. The support team must say why, everybody else may. */
export const removal = z
  .object({ reason: reason.optional() })
  .strict()
  .optional()
  .meta({ id: 'Removal', example: { reason: 'Left the company' } });

export const assignAdministratorRoles = z
  .strictObject({ roles: administratorRoleList })
  .meta({ id: 'AssignAdministratorRoles', example: { roles: ['help_desk_advanced'] } });

export const assignCustomers = z
  .strictObject({ customerIds: z.array(uuid).max(5000).transform(distinct) })
  .meta({ id: 'AssignCustomers', example: { customerIds: ['019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e'] } });

export type MemberView = z.infer<typeof member>;
export type UpdateMember = z.infer<typeof updateMember>;
export type Removal = z.infer<typeof removal>;
