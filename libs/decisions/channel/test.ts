import { Refusal, type ChannelTest } from '#contracts';
import type { Decision } from '../decision.ts';
import { openChannel } from './open.ts';
import type { ChannelReference } from './read.ts';

/** Records an event about which the channel is written to in its turn. Where that fails, what waits is tried now. */
export async function testChannel(decision: Decision, reference: ChannelReference): Promise<ChannelTest> {
  const { webhook, record } = await openChannel(decision, reference, 'channel.tested');
  if (!webhook.enabled) throw new Refusal('channel_disabled');
  webhook.nextAttemptAt = null;
  return { eventId: record() };
}
