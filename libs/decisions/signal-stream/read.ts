import {
  pushDelivery,
  supportedSignals,
  type SignalEvent,
  type SignalStreamStatusView,
  type SignalStreamView,
} from '#contracts';
import type { EntityManager, Webhook } from '#persistence';
import type { Actor } from '../decision.ts';
import { listReceivers, readReceiver } from '../webhook/read.ts';

export interface SignalStreamReference {
  organizationId: string;
  streamId: string;
}

/** Who sends: each organization is an issuer of its own, so no receiver takes one tenant's word for another's. */
export const issuerOf = (publicUrl: string, organizationId: string): string => `${publicUrl}/ssf/${organizationId}`;

/** Whom a stream is for; a token for another one is refused by whoever checks it. */
export const audienceOf = (issuer: string, streamId: string): string => `${issuer}/receivers/${streamId}`;

/** More often than this, in seconds, nobody need ask whether a stream works. */
const verificationInterval = 0;

export const deliveredOf = (requested: readonly string[]): SignalEvent[] =>
  supportedSignals.filter((event) => requested.includes(event));

/** The stream as the standard shows it; never what authorizes us at the receiver. */
export function viewSignalStream(row: Webhook, publicUrl: string): SignalStreamView {
  const iss = issuerOf(publicUrl, row.organizationId);
  return {
    stream_id: row.id,
    iss,
    aud: audienceOf(iss, row.id),
    delivery: { method: pushDelivery, endpoint_url: row.url },
    events_supported: supportedSignals,
    events_requested: row.actions ?? [],
    events_delivered: deliveredOf(row.actions ?? []),
    min_verification_interval: verificationInterval,
    ...(row.description && { description: row.description }),
  };
}

/** By hand it was paused; what we ended ourselves is disabled, and says why. */
export const viewSignalStatus = ({ id, enabled, disabledReason, failures }: Webhook): SignalStreamStatusView => ({
  stream_id: id,
  status: enabled ? 'enabled' : disabledReason === 'by_hand' ? 'paused' : 'disabled',
  ...(!enabled && disabledReason && disabledReason !== 'by_hand' && { reason: disabledReason }),
  ...(enabled && failures > 0 && { reason: 'deliveries fail and are tried again' }),
});

/** At most as many as an organization may have receivers. */
const all = { limit: 200 };

export const listSignalStreams = async (em: EntityManager, actor: Actor, organizationId: string): Promise<Webhook[]> =>
  (await listReceivers(em, actor, 'signal-stream', organizationId, all, rows)).items;

export const readSignalStream = (
  em: EntityManager,
  actor: Actor,
  { organizationId, streamId }: SignalStreamReference,
): Promise<Webhook> => readReceiver(em, actor, 'signal-stream', { organizationId, webhookId: streamId }, rows);

const rows = async (_em: EntityManager, found: readonly Webhook[]): Promise<Webhook[]> => [...found];
