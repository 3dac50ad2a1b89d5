import { isDeepStrictEqual } from 'node:util';
import {
  supportedSignals,
  type ReplaceSignalStream,
  type SignalStreamStatus,
  type UpdateSignalStream,
} from '#contracts';
import { seal, unseal } from '#identity';
import type { Webhook } from '#persistence';
import type { Decision } from '../decision.ts';
import { disable, forgetFailures, takeLeaseAway } from '../webhook/attempts.ts';
import { hostOf, requireAllowedUrl } from '../webhook/url.ts';
import { openSignalStream } from './open.ts';
import { deliveredOf } from './read.ts';

/** What is left out stays. A new receiver gets the signal that the old one did not take. */
export async function changeSignalStream(
  decision: Decision,
  organizationId: string,
  { stream_id: streamId, delivery, events_requested: requested, description }: UpdateSignalStream,
): Promise<Webhook> {
  const { em, actor, settings } = decision;
  const opened = await openSignalStream(decision, { organizationId, streamId }, 'signal-stream.changed');
  const { webhook: stream, act, record } = opened;
  const url = delivery?.endpoint_url ?? stream.url;
  const authorization = delivery?.authorization_header;
  const isNew = {
    endpoint_url: url !== stream.url,
    authorization_header:
      authorization !== undefined && authorization !== unseal(settings.sealingKeys, stream.sealedSecret),
    events_requested: requested !== undefined && !isDeepStrictEqual(requested, stream.actions),
    description: description !== undefined && description !== (stream.description ?? null),
  };
  if (isNew.endpoint_url) {
    requireAllowedUrl(url, settings, act, '/delivery/endpoint_url');
    stream.url = url;
    // What authorized us there is not for somebody else to learn.
    stream.sealedSecret = seal(settings.sealingKeys, '');
  }
  if (authorization !== undefined) stream.sealedSecret = seal(settings.sealingKeys, authorization);
  if (isNew.endpoint_url || isNew.authorization_header) {
    stream.vouchedByAccountId = actor.id;
    forgetFailures(stream);
    takeLeaseAway(stream);
  }
  if (isNew.events_requested) stream.actions = requested;
  if (isNew.description) stream.description = description;
  const fields = Object.entries(isNew).flatMap(([field, changed]) => (changed ? field : []));
  if (fields.length > 0)
    record({
      facts: { fields, ...(isNew.events_requested && { events: deliveredOf(requested ?? []) }) },
      host: isNew.endpoint_url ? hostOf(url) : undefined,
    });
  await em.flush();
  return stream;
}

/** What is left out is as at the making of a stream. */
export const replaceSignalStream = (
  decision: Decision,
  organizationId: string,
  { delivery, events_requested: requested, ...rest }: ReplaceSignalStream,
): Promise<Webhook> =>
  changeSignalStream(decision, organizationId, {
    ...rest,
    delivery: { ...delivery, authorization_header: delivery.authorization_header ?? '' },
    events_requested: requested ?? [...supportedSignals],
  });

/** Paused or disabled, nothing is sent; what happens meanwhile follows when it is enabled again. */
export async function setSignalStreamStatus(
  decision: Decision,
  organizationId: string,
  { stream_id: streamId, status, reason }: SignalStreamStatus,
): Promise<Webhook> {
  const opened = await openSignalStream(decision, { organizationId, streamId }, 'signal-stream.changed');
  const { webhook: stream, record } = opened;
  const enabled = status === 'enabled';
  if (enabled === stream.enabled) return stream;
  if (enabled) {
    stream.enabled = true;
    stream.disabledReason = null;
    stream.vouchedByAccountId = decision.actor.id;
    forgetFailures(stream);
  } else disable(stream, 'by_hand');
  record({ facts: { fields: ['status'], status, ...(reason && { reason }) } });
  await decision.em.flush();
  return stream;
}
