import { z } from 'zod';
import { administratorRoles, workspaceRoles } from '#access';

const moment = z.iso.datetime().transform((text) => new Date(text));
const end = z.object({ id: z.string(), endedAt: moment });

/**
 * What an audit event tells, in `facts.standing`, of whatever gives access: all of what it changed, as it was from then on, or
 * its end. Read from exports.
 */
export const recordedStanding = z.object({
  organizations: z
    .array(
      z.object({
        id: z.string(),
        kind: z.enum(['platform', 'partner', 'customer', 'consumer']),
        restrictedMode: z.boolean(),
        disabledFeatures: z.array(z.string()),
      }),
    )
    .default([]),
  relationships: z
    .array(
      z.union([
        z.object({
          id: z.string(),
          partnerId: z.string(),
          customerId: z.string(),
          origin: z.enum(['provisioned', 'external_administrator']),
          activeFrom: moment,
          termEndsAt: moment.nullish(),
        }),
        end,
      ]),
    )
    .default([]),
  memberships: z
    .array(
      z.union([
        z.object({
          id: z.string(),
          accountId: z.string(),
          organizationId: z.string(),
          kind: z.enum(['home', 'external']),
          workspaceRole: z.enum(workspaceRoles).nullable(),
          administratorRoles: z.array(z.enum(administratorRoles)),
          decryptLogs: z.boolean(),
          scope: z.union([
            z.object({ kind: z.literal('client') }),
            z.object({ kind: z.literal('groups'), groupIds: z.array(z.string()), teamIds: z.array(z.string()) }),
          ]),
          until: moment.nullable(),
        }),
        end,
      ]),
    )
    .default([]),
  assignments: z
    .array(
      z.object({
        membershipId: z.string(),
        accountId: z.string(),
        partnerId: z.string(),
        customerId: z.string(),
        source: z.enum(['assigned', 'provisioned', 'service_setup']),
        ended: z.boolean().default(false),
      }),
    )
    .default([]),
  grants: z
    .array(
      z.union([
        z.object({
          id: z.string(),
          kind: z.enum(['elevation', 'help_desk_session']),
          accountId: z.string(),
          organizationId: z.string(),
          partnerId: z.string(),
          role: z.enum(administratorRoles),
          startsAt: moment,
          expiresAt: moment,
        }),
        end,
      ]),
    )
    .default([]),
});
