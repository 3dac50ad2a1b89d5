import { z } from 'zod';
import { supportActionStatuses, workspaceRoles } from '#access';
import { email, instant, page, pageQuery, person, reason, uuid } from './scalars.ts';

/** What two people of the support team do together, and what each kind needs to know. */
export const supportActDescriptions = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('relationship.create'), organizationId: uuid, partnerId: uuid }),
    z.strictObject({
      kind: z.literal('membership.change-workspace-role'),
      organizationId: uuid,
      memberId: uuid,
      /** Null deletes the role. */
      workspaceRole: z.enum(workspaceRoles).nullable(),
    }),
    z.strictObject({ kind: z.literal('membership.remove'), organizationId: uuid, memberId: uuid }),
    /** Nobody can come in any more: passwords are allowed again and, where it says so, the provider goes. */
    z.strictObject({
      kind: z.literal('organization.recover-sign-in'),
      organizationId: uuid,
      removeProvider: z.boolean().default(false),
    }),
    /** A sole Owner has lost the mailbox: the new one gets a link, and what the former one could do ends. */
    z.strictObject({ kind: z.literal('membership.change-address'), organizationId: uuid, memberId: uuid, email }),
    /** Of somebody who is an Owner or full administrator there, or elsewhere too: the account goes from everywhere. */
    z.strictObject({ kind: z.literal('account.remove'), organizationId: uuid, accountId: uuid }),
    /** Somebody who left wants to be forgotten: their names, addresses and words go from the organization's trail. */
    z.strictObject({ kind: z.literal('audit.erase-personal-data'), organizationId: uuid, accountId: uuid }),
  ])
  .meta({ id: 'SupportAct' });

export const proposeSupportAction = z.strictObject({ act: supportActDescriptions, reason }).meta({
  id: 'ProposeSupportAction',
  example: {
    act: {
      kind: 'relationship.create',
      organizationId: '019aa1f0-7c3e-7cc1-9d0a-000000000001',
      partnerId: '019aa1f0-7c3e-7cc1-9d0a-000000000002',
    },
    reason: 'Contract 2026-118',
  },
});

export const supportAction = z
  .object({
    id: uuid,
    act: supportActDescriptions,
    reason: z.string(),
    status: z.enum(supportActionStatuses),
    proposedBy: person,
    proposedAt: instant,
    decideBy: instant,
    decidedBy: person.nullable(),
    decidedAt: instant.nullable(),
  })
  .meta({ id: 'SupportAction' });

export const supportActionQuery = pageQuery.extend({ status: z.enum(supportActionStatuses).optional() });
export const supportActionPage = page(supportAction).meta({ id: 'SupportActionPage' });

export type SupportAct = z.infer<typeof supportActDescriptions>;
export type SupportActKind = SupportAct['kind'];
export type ProposeSupportAction = z.infer<typeof proposeSupportAction>;
export type SupportActionView = z.infer<typeof supportAction>;
export type SupportActionQuery = z.infer<typeof supportActionQuery>;
