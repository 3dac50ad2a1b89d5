import { supportedSignals, type CreateSignalStream } from '#contracts';
import { seal } from '#identity';
import { Webhook } from '#persistence';
import type { Decision } from '../decision.ts';
import { lastPosition, requireRoom } from '../webhook/create.ts';
import { judgeReceiverAct } from '../webhook/judge.ts';
import { hostOf, requireAllowedUrl } from '../webhook/url.ts';
import { requireSignalKey } from './keys.ts';
import { deliveredOf } from './read.ts';

/** Tells a receiver when access at the organization ends or changes, from now on. */
export async function createSignalStream(
  decision: Decision,
  organizationId: string,
  { delivery, events_requested: requested = [...supportedSignals], description }: CreateSignalStream,
): Promise<Webhook> {
  const { em, actor, settings } = decision;
  const now = await decision.now();
  const act = {
    action: 'signal-stream.created',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const by = await judgeReceiverAct(decision, 'signal-stream', organizationId, act, now);
  requireAllowedUrl(delivery.endpoint_url, settings, act, '/delivery/endpoint_url');
  await requireRoom(decision, organizationId);
  await requireSignalKey(em, settings.sealingKeys);

  const stream = em.create(Webhook, {
    organizationId,
    format: 'signals',
    url: delivery.endpoint_url,
    sealedSecret: seal(settings.sealingKeys, delivery.authorization_header ?? ''),
    actions: requested,
    description: description ?? null,
    createdByAccountId: actor.id,
    vouchedByAccountId: actor.id,
    position: await lastPosition(decision, organizationId),
    createdAt: now,
  });
  await em.flush();
  decision.record({
    ...act,
    by,
    subject: { kind: 'signal-stream', id: stream.id },
    facts: { events: deliveredOf(requested) },
    personal: { names: { [stream.id]: hostOf(delivery.endpoint_url) } },
    at: now,
  });
  return stream;
}
