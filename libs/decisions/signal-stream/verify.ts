import { Refusal, type VerifySignalStream } from '#contracts';
import type { Decision } from '../decision.ts';
import { openSignalStream } from './open.ts';

/** Records what the receiver wants to hear back; it is sent in its turn, and what waits is tried now. */
export async function verifySignalStream(
  decision: Decision,
  organizationId: string,
  { stream_id: streamId, state }: VerifySignalStream,
): Promise<void> {
  const { webhook, record } = await openSignalStream(decision, { organizationId, streamId }, 'signal-stream.verified');
  if (!webhook.enabled) throw new Refusal('webhook_disabled');
  webhook.nextAttemptAt = null;
  record({ facts: { ...(state !== undefined && { state }) } });
}
