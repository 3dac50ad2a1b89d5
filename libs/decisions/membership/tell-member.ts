import type { WrittenEvent } from '#audit';
import type { Decision } from '../decision.ts';

/** Changes about which the person gets a mail; the event itself is what the mail tells. */
export const noticedActions = [
  'membership.workspace-role-changed',
  'membership.administrator-roles-assigned',
  'membership.decrypt-access-changed',
  'membership.removed',
  'membership.full-administrator-appointed',
  'membership.full-administrator-ended',
  'membership.full-administrator-confirmed',
  'support-action.proposed',
  'support-action.confirmed',
  'single-sign-on.link-offered',
  'organization.changed',
  'account.address-change-requested',
  'account.address-changed',
  'scim-token.created',
  'scim-token.rotated',
  'scim-token.revoked',
  'api-key.ended',
  'webhook.disabled',
  'channel.disabled',
  'signal-stream.disabled',
  'invite.cancelled',
  'external-administrator.ends-soon',
  'relationship.ends-soon',
  'relationship.ended',
] as const;
export type NoticedAction = (typeof noticedActions)[number];

export const isNoticed = (action: string): action is NoticedAction =>
  (noticedActions as readonly string[]).includes(action);

/**
 * Has the person told what was done about them, unless they did it themselves; null where others are told, whoever did
 * it.
 */
export async function tellMember(decision: Decision, event: WrittenEvent, accountId: string | null): Promise<void> {
  if (!isNoticed(event.action) || (accountId !== null && decision.actor.id === accountId)) return;
  await decision.em.flush();
  await decision.nudge('membershipNotice', event.id);
}
