import { z } from 'zod';
import { plainText, singleLine, uuid } from './scalars.ts';

/**
 * Streams of the Shared Signals Framework (OpenID SSF 1.0) with events of CAEP 1.0, pushed (RFC 8935). Names are the
 * standards', in snake case.
 */
export const signalEvents = {
  sessionRevoked: 'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
  claimsChange: 'https://schemas.openid.net/secevent/caep/event-type/token-claims-change',
} as const;
export type SignalEvent = (typeof signalEvents)[keyof typeof signalEvents];
export const supportedSignals: readonly SignalEvent[] = Object.values(signalEvents);

/** Sent to whoever asks for it, whatever events the stream is for. */
export const verificationEvent = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

export const pushDelivery = 'urn:ietf:rfc:8935';

/** What nobody can send as the value of one header is refused before it is kept. */
const headerValue = z
  .string()
  .min(1)
  .max(4000)
  .regex(/^[\x20-\x7e]+$/, 'visible ASCII characters');

const delivery = z.strictObject({
  method: z.literal(pushDelivery),
  endpoint_url: z.url({ protocol: /^https?$/ }).max(2000),
  authorization_header: headerValue.optional(),
});
/** Unknown events are left out of what is delivered, as the standard has it, and not refused. */
const eventsRequested = z.array(z.string().max(500)).max(100);
const description = singleLine(200);

export const createSignalStream = z.strictObject({
  delivery,
  events_requested: eventsRequested.optional(),
  description: description.optional(),
});

/** Members that the transmitter sets may be sent back as they were read, and change nothing. */
const asRead = {
  iss: z.unknown().optional(),
  aud: z.unknown().optional(),
  events_supported: z.unknown().optional(),
  events_delivered: z.unknown().optional(),
  min_verification_interval: z.unknown().optional(),
};

/** PATCH: what is left out stays. */
export const updateSignalStream = z.strictObject({
  ...asRead,
  stream_id: uuid,
  delivery: delivery.partial({ endpoint_url: true }).optional(),
  events_requested: eventsRequested.optional(),
  description: description.optional(),
});

/** PUT: what is left out is as at the making of one. */
export const replaceSignalStream = z.strictObject({ ...asRead, stream_id: uuid, ...createSignalStream.shape });

export const signalStreamStatus = z.strictObject({
  stream_id: uuid,
  status: z.enum(['enabled', 'paused', 'disabled']),
  reason: plainText(200).optional(),
});

export const verifySignalStream = z.strictObject({ stream_id: uuid, state: plainText(1000).optional() });

export const signalStreamQuery = z.object({ stream_id: uuid.optional() });
export const signalStreamReference = z.object({ stream_id: uuid });

export interface SignalStreamView {
  stream_id: string;
  iss: string;
  aud: string;
  delivery: { method: typeof pushDelivery; endpoint_url: string };
  events_supported: readonly SignalEvent[];
  events_requested: readonly string[];
  events_delivered: readonly SignalEvent[];
  min_verification_interval: number;
  description?: string;
}

export interface SignalStreamStatusView {
  stream_id: string;
  status: 'enabled' | 'paused' | 'disabled';
  reason?: string;
}

export type CreateSignalStream = z.infer<typeof createSignalStream>;
export type UpdateSignalStream = z.infer<typeof updateSignalStream>;
export type ReplaceSignalStream = z.infer<typeof replaceSignalStream>;
export type SignalStreamStatus = z.infer<typeof signalStreamStatus>;
export type VerifySignalStream = z.infer<typeof verifySignalStream>;
