import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { openReceiver, type OpenWebhook } from '../webhook/open.ts';
import { viewChannel, type ChannelReference } from './read.ts';

/** A channel that is being acted on: judged, locked, and as the caller expects it. */
export const openChannel = (
  decision: Decision,
  { organizationId, channelId }: ChannelReference,
  action: `channel.${string}`,
  precondition?: Precondition,
): Promise<OpenWebhook> =>
  openReceiver(
    decision,
    'channel',
    { organizationId, webhookId: channelId },
    { action, view: viewChannel, precondition },
  );
