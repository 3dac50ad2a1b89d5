import type { Decision } from '../decision.ts';
import { openSignalStream } from './open.ts';
import type { SignalStreamReference } from './read.ts';

/** From here on nothing is sent. The trail keeps that there was one. */
export async function deleteSignalStream(decision: Decision, reference: SignalStreamReference): Promise<void> {
  const { webhook, record } = await openSignalStream(decision, reference, 'signal-stream.deleted');
  record();
  decision.em.remove(webhook);
}
