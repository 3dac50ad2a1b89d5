import { z } from 'zod';
import { administratorRoles, workspaceRoles } from '#access';
import { administratorRoleList, appTray, scope } from './membership.ts';
import { displayName, email, instant, page, pageQuery, singleLine, plainText, username, uuid } from './scalars.ts';
import { password } from './session.ts';

export const inviteStatuses = ['pending', 'accepted', 'cancelled', 'expired', 'failed'] as const;

export const createInvite = z
  .strictObject({
    email,
    displayName: displayName.optional(),
    workspaceRole: z.enum(workspaceRoles).optional(),
    administratorRoles: administratorRoleList.optional(),
    scope: scope.optional(),
    appTray: appTray.optional(),
  })
  .meta({
    id: 'CreateInvite',
    example: { email: 'grace@acme.example', displayName: 'Grace Hopper', workspaceRole: 'full_access' },
  });

export const invite = z
  .object({
    id: uuid,
    organizationId: uuid,
    email: z.string(),
    displayName: z.string().nullable(),
    workspaceRole: z.enum(workspaceRoles).nullable(),
    administratorRoles: z.array(z.enum(administratorRoles)),
    scope: z.unknown(),
    appTray: z.unknown(),
    status: z.enum(inviteStatuses),
    invitedBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    expiresAt: instant,
    createdAt: instant,
    decidedAt: instant.nullable(),
    failure: z.string().nullable(),
    mails: z.array(z.object({ kind: z.string(), status: z.enum(['planned', 'sent', 'undeliverable', 'obsolete']) })),
  })
  .meta({ id: 'Invite' });

export const inviteQuery = pageQuery.extend({
  status: z.enum(inviteStatuses).optional(),
  query: plainText(200).optional(),
});
export const invitePage = page(invite).meta({ id: 'InvitePage' });

/** With an existing account: signed in, and the token alone. */
export const acceptInvite = z
  .strictObject({
    token: singleLine(200),
    username: username.optional(),
    password: password.optional(),
    displayName: displayName.optional(),
  })
  .meta({ id: 'AcceptInvite', example: { token: '…', username: 'ada', password: 'correct horse battery staple' } });

export const acceptedInvite = z
  .object({ inviteId: uuid, organizationId: uuid, memberId: uuid, accountId: uuid })
  .meta({ id: 'AcceptedInvite' });

export type CreateInvite = z.infer<typeof createInvite>;
export type InviteView = z.infer<typeof invite>;
export type AcceptInvite = z.infer<typeof acceptInvite>;
