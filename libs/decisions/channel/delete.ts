import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { openChannel } from './open.ts';
import type { ChannelReference } from './read.ts';

/** From here on nothing is written there. The trail keeps that there was one. */
export async function deleteChannel(
  decision: Decision,
  reference: ChannelReference,
  precondition?: Precondition,
): Promise<void> {
  const { webhook, record } = await openChannel(decision, reference, 'channel.deleted', precondition);
  record();
  decision.em.remove(webhook);
}
