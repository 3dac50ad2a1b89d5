import type { Webhook } from '#persistence';
import type { Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';
import { tellMember } from '../membership/tell-member.ts';
import { disable } from './attempts.ts';
import type { ReceiverKind } from './judge.ts';

const receiverKindOf = ({ format }: Webhook): ReceiverKind =>
  format === 'events' ? 'webhook' : format === 'signals' ? 'signal-stream' : 'channel';

/** Nobody asked for it: that a webhook is disabled is on record, and whoever relied on a right that went is told. */
export async function disableOnRecord(
  decision: Decision,
  webhook: Webhook,
  reason: NonNullable<Webhook['disabledReason']>,
  { now, cause }: { now: Date; cause?: Cause },
): Promise<void> {
  disable(webhook, reason);
  const event = decision.record({
    action: `${receiverKindOf(webhook)}.disabled`,
    organizationIds: [webhook.organizationId],
    subject: { kind: receiverKindOf(webhook), id: webhook.id },
    facts: {
      reason,
      position: webhook.position,
      failures: webhook.failures,
      failingSince: webhook.failingSince?.toISOString() ?? null,
      ...(cause && { cause }),
    },
    at: now,
  });
  if (reason === 'right_lost') await tellMember(decision, event, null);
}
