import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { openReceiver, type OpenWebhook } from '../webhook/open.ts';
import type { SignalStreamReference } from './read.ts';

/** A stream that is being acted on: judged, locked, and as the caller expects it. */
export const openSignalStream = (
  decision: Decision,
  { organizationId, streamId }: SignalStreamReference,
  action: `signal-stream.${string}`,
  precondition?: Precondition,
): Promise<OpenWebhook> =>
  openReceiver(
    decision,
    'signal-stream',
    { organizationId, webhookId: streamId },
    { action, view: async (_em, row) => row, precondition },
  );
