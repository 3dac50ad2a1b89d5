import { mayManageChannels, mayManageWebhooks, organizationSight } from '#access';
import { chats } from '#contracts';
import type { Decision } from '../decision.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';

/** The ways in which what happens leaves an organization: signed to a service, in words to a chat, as signals. */
export const receivers = {
  webhook: { mayManage: mayManageWebhooks, code: 'may_not_manage_webhooks', rows: { format: 'events' } },
  channel: { mayManage: mayManageChannels, code: 'may_not_manage_channels', rows: { format: { $in: [...chats] } } },
  'signal-stream': { mayManage: mayManageWebhooks, code: 'may_not_manage_webhooks', rows: { format: 'signals' } },
} as const;
export type ReceiverKind = keyof typeof receivers;

/**
 * By what right the actor acts on webhooks or channels of the organization; a refusal goes on record. People make what
 * outlives them, as with API keys: a service whose key leaked must not leave a second way out behind.
 */
export async function judgeReceiverAct(
  { em, actor }: Decision,
  kind: ReceiverKind,
  organizationId: string,
  act: PrivilegedAct,
  now: Date,
): Promise<string> {
  const { mayManage, code } = receivers[kind];
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  if (actor.kind !== 'account') return refuseAct(act, code);
  const ruling = mayManage(subject, target, now);
  return ruling.allowed ? ruling.by : refuseAct(act, ruling.code);
}
