import { isNoticed, type NoticedAction } from '#decisions';
import { asSystem, AuditEvent } from '#persistence';
import type { Dependencies } from '../dependencies.ts';

type NoticeKind =
  | 'membership.full-administrators-changed'
  | 'membership.removed'
  | 'membership.roles-changed'
  | 'support-action.confirmed'
  | 'support-action.proposed'
  | 'single-sign-on.link'
  | 'organization.authentication-changed'
  | 'account.address-change'
  | 'account.address-changed'
  | 'organization.directory-token-changed'
  | 'organization.connection-ended'
  | 'external-administrator.ends-soon'
  | 'relationship.ends-soon'
  | 'relationship.ended';

const kinds: Readonly<Record<NoticedAction, NoticeKind>> = {
  'membership.workspace-role-changed': 'membership.roles-changed',
  'membership.administrator-roles-assigned': 'membership.roles-changed',
  'membership.decrypt-access-changed': 'membership.roles-changed',
  'membership.removed': 'membership.removed',
  'membership.full-administrator-appointed': 'membership.full-administrators-changed',
  'membership.full-administrator-ended': 'membership.full-administrators-changed',
  'membership.full-administrator-confirmed': 'membership.full-administrators-changed',
  'support-action.proposed': 'support-action.proposed',
  'support-action.confirmed': 'support-action.confirmed',
  'single-sign-on.link-offered': 'single-sign-on.link',
  'organization.changed': 'organization.authentication-changed',
  'account.address-change-requested': 'account.address-change',
  'account.address-changed': 'account.address-changed',
  'scim-token.created': 'organization.directory-token-changed',
  'scim-token.rotated': 'organization.directory-token-changed',
  'scim-token.revoked': 'organization.directory-token-changed',
  'api-key.ended': 'organization.connection-ended',
  'webhook.disabled': 'organization.connection-ended',
  'channel.disabled': 'organization.connection-ended',
  'signal-stream.disabled': 'organization.connection-ended',
  'invite.cancelled': 'organization.connection-ended',
  'external-administrator.ends-soon': 'external-administrator.ends-soon',
  'relationship.ends-soon': 'relationship.ends-soon',
  'relationship.ended': 'relationship.ended',
};

/** Which mail tells what was done; null for an event nobody is told about. */
export const readMembershipNotice =
  ({ database }: Dependencies) =>
  async ({ eventId }: { eventId: string }): Promise<NoticeKind | null> =>
    database.transaction(asSystem, async (em) => {
      const { action } = await em.findOneOrFail(AuditEvent, { id: eventId });
      return isNoticed(action) ? kinds[action] : null;
    });
