import type { ChannelView, CreateChannel } from '#contracts';
import { seal } from '#identity';
import { Webhook } from '#persistence';
import type { Decision } from '../decision.ts';
import { lastPosition, requireRoom } from '../webhook/create.ts';
import { judgeReceiverAct } from '../webhook/judge.ts';
import { hostOf, requireAllowedUrl } from '../webhook/url.ts';
import { actionsOf, everyKind } from './kinds.ts';
import { viewChannel } from './read.ts';

/** Writes into a chat about requests that the organization decides, from now on. The chat decides nothing. */
export async function createChannel(
  decision: Decision,
  organizationId: string,
  { kind, url, kinds = everyKind as CreateChannel['kinds'], withReasons, description }: CreateChannel,
): Promise<ChannelView> {
  const { em, actor, settings } = decision;
  const now = await decision.now();
  const act = {
    action: 'channel.created',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const by = await judgeReceiverAct(decision, 'channel', organizationId, act, now);
  requireAllowedUrl(url, settings, act);
  await requireRoom(decision, organizationId);

  const channel = em.create(Webhook, {
    organizationId,
    format: kind,
    url: new URL(url).origin,
    sealedSecret: seal(settings.sealingKeys, url),
    actions: actionsOf(kinds ?? everyKind),
    withReasons: withReasons ?? false,
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
    subject: { kind: 'channel', id: channel.id },
    facts: { kind, kinds: kinds ?? everyKind, withReasons: channel.withReasons },
    personal: { names: { [channel.id]: hostOf(url) } },
    at: now,
  });
  return viewChannel(em, channel);
}
