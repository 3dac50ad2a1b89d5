import type { z } from 'zod';
import { isChat, type channelQuery, type ChannelView } from '#contracts';
import type { EntityManager, Webhook } from '#persistence';
import type { Actor } from '../decision.ts';
import { creatorsOf, listReceivers, readReceiver, theOne, viewCourse } from '../webhook/read.ts';
import { hostOf } from '../webhook/url.ts';
import { kindsOf } from './kinds.ts';

export interface ChannelReference {
  organizationId: string;
  channelId: string;
}

/** The organization's channels, newest first; never where they write. */
export const listChannels = (
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  query: z.infer<typeof channelQuery>,
) => listReceivers(em, actor, 'channel', organizationId, query, viewChannels);

export const readChannel = (
  em: EntityManager,
  actor: Actor,
  { organizationId, channelId }: ChannelReference,
): Promise<ChannelView> => readReceiver(em, actor, 'channel', { organizationId, webhookId: channelId }, viewChannels);

export async function viewChannel(em: EntityManager, row: Webhook): Promise<ChannelView> {
  return theOne(await viewChannels(em, [row]));
}

async function viewChannels(em: EntityManager, rows: readonly Webhook[]): Promise<ChannelView[]> {
  const creators = await creatorsOf(em, rows);
  return rows.flatMap((row) =>
    isChat(row.format)
      ? {
          ...viewCourse(row, creators),
          kind: row.format,
          host: hostOf(row.url),
          kinds: kindsOf(row.actions),
          withReasons: row.withReasons,
        }
      : [],
  );
}
