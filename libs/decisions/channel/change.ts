import type { ChannelView, UpdateChannel } from '#contracts';
import { seal, unseal } from '#identity';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { disable, forgetFailures, takeLeaseAway } from '../webhook/attempts.ts';
import { hostOf, requireAllowedUrl } from '../webhook/url.ts';
import { actionsOf } from './kinds.ts';
import { openChannel } from './open.ts';
import { viewChannel, type ChannelReference } from './read.ts';

/** Enabled again, it goes on where it stopped; a request that was decided meanwhile asks for nothing any more. */
export async function changeChannel(
  decision: Decision,
  reference: ChannelReference,
  { url, kinds, withReasons, description, enabled }: UpdateChannel,
  precondition?: Precondition,
): Promise<ChannelView> {
  const { em, actor, settings } = decision;
  const { webhook: channel, act, record } = await openChannel(decision, reference, 'channel.changed', precondition);
  const actions = kinds && actionsOf(kinds);
  const isNew = {
    url: url !== undefined && url !== unseal(settings.sealingKeys, channel.sealedSecret),
    kinds: actions !== undefined && JSON.stringify(actions.sort()) !== JSON.stringify(channel.actions?.toSorted()),
    withReasons: withReasons !== undefined && withReasons !== channel.withReasons,
    description: description !== undefined && description !== (channel.description ?? null),
    enabled: enabled !== undefined && enabled !== channel.enabled,
  };

  if (isNew.url && url !== undefined) {
    requireAllowedUrl(url, settings, act);
    channel.url = new URL(url).origin;
    channel.sealedSecret = seal(settings.sealingKeys, url);
    channel.vouchedByAccountId = actor.id;
    forgetFailures(channel);
  }
  if (isNew.kinds && actions) channel.actions = actions;
  if (isNew.withReasons && withReasons !== undefined) channel.withReasons = withReasons;
  if (isNew.description) channel.description = description;
  // What is being written at this moment is written under the former terms, and counts no more.
  if (isNew.url || isNew.kinds || isNew.withReasons) takeLeaseAway(channel);
  if (isNew.enabled && enabled) {
    channel.enabled = true;
    channel.disabledReason = null;
    channel.vouchedByAccountId = actor.id;
    forgetFailures(channel);
  }
  if (isNew.enabled && !enabled) disable(channel, 'by_hand');

  const fields = Object.entries(isNew).flatMap(([field, changed]) => (changed ? field : []));
  if (fields.length > 0) {
    record({
      facts: {
        fields,
        ...(isNew.kinds && { kinds }),
        ...(isNew.withReasons && { withReasons }),
        ...(isNew.enabled && { enabled }),
      },
      host: isNew.url ? hostOf(channel.url) : undefined,
    });
  }
  await em.flush();
  return viewChannel(em, channel);
}
