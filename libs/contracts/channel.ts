import { z } from 'zod';
import { approvalFeatures, type ApprovalFeature } from './approval.ts';
import { instant, page, pageQuery, singleLine, uuid } from './scalars.ts';
import { webhookFailureReasons } from './webhook.ts';

/** Chats that take a message at an address of theirs ("incoming webhook"). */
export const chats = ['slack', 'teams'] as const;
export type Chat = (typeof chats)[number];

export const isChat = (format: string): format is Chat => (chats as readonly string[]).includes(format);

const url = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .meta({ example: 'https://hooks.slack.example/services/T024/B024/9x' });
const kinds = z
  .array(z.enum(Object.values(approvalFeatures) as [ApprovalFeature, ...ApprovalFeature[]]))
  .min(1)
  .transform((given) => [...new Set(given)]);
const description = singleLine(200);

export const createChannel = z
  .object({
    kind: z.enum(chats),
    url,
    kinds: kinds.optional(),
    withReasons: z.boolean().optional(),
    description: description.optional(),
  })
  .strict()
  .meta({
    id: 'CreateChannel',
    example: { kind: 'slack', url: 'https://hooks.slack.example/services/T024/B024/9x', kinds: ['elevation'] },
  });

/** What is left out stays. */
export const updateChannel = z
  .object({
    url: url.optional(),
    kinds: kinds.optional(),
    withReasons: z.boolean().optional(),
    description: description.nullable().optional(),
    enabled: z.boolean().optional(),
  })
  .strict()
  .meta({ id: 'UpdateChannel', example: { kinds: ['elevation', 'external-administrator'] } });

export const channel = z
  .object({
    id: uuid,
    organizationId: uuid,
    kind: z.enum(chats),
    /** Whoever knows the whole address can write there; so it is never shown again. */
    host: z.string(),
    kinds: z.array(z.string()),
    withReasons: z.boolean(),
    description: z.string().nullable(),
    enabled: z.boolean(),
    status: z.enum(['active', 'failing', 'disabled']),
    disabledReason: z.enum(['by_hand', 'gone', 'no_success', 'right_lost']).nullable(),
    lastDeliveredAt: instant.nullable(),
    lastFailure: z
      .object({ at: instant, reason: z.enum(webhookFailureReasons), status: z.int().nullable() })
      .nullable(),
    nextAttemptAt: instant.nullable(),
    createdBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Channel' });

/** The event that was recorded for the test. */
export const channelTest = z.object({ eventId: uuid }).meta({ id: 'ChannelTest' });

export const channelQuery = pageQuery;
export const channelPage = page(channel).meta({ id: 'ChannelPage' });

export type CreateChannel = z.infer<typeof createChannel>;
export type UpdateChannel = z.infer<typeof updateChannel>;
export type ChannelView = z.infer<typeof channel>;
export type ChannelTest = z.infer<typeof channelTest>;
