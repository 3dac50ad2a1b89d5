import { z } from 'zod';
import { instant, page, pageQuery, singleLine, uuid } from './scalars.ts';

/** One audit action, or every action of a feature: `elevation.approved`, `elevation.*`. */
export const actionPattern = z
  .string()
  .max(100)
  .regex(/^[a-z]+(?:-[a-z]+)*\.(?:\*|[a-z]+(?:-[a-z]+)*)$/, 'an action such as elevation.approved, or elevation.*')
  .meta({ example: 'elevation.*' });

const url = z
  .url({ protocol: /^https?$/ })
  .max(2000)
  .meta({ example: 'https://hooks.example.com/countersign' });
const actions = z
  .array(actionPattern)
  .min(1)
  .max(100)
  .transform((patterns) => [...new Set(patterns)]);
const description = singleLine(200);

/** Without `actions` it gets every event. */
export const createWebhook = z
  .object({ url, actions: actions.optional(), description: description.optional() })
  .strict()
  .meta({
    id: 'CreateWebhook',
    example: { url: 'https://hooks.example.com/countersign', actions: ['elevation.*'], description: 'Ticket system' },
  });

/** What is left out stays; `actions: null` means every event again. */
export const updateWebhook = z
  .object({
    url: url.optional(),
    actions: actions.nullable().optional(),
    description: description.nullable().optional(),
    enabled: z.boolean().optional(),
  })
  .strict()
  .meta({ id: 'UpdateWebhook', example: { enabled: true } });

/** Why an event did not arrive: a closed list, so that nothing the receiver says gets into answers or logs. */
export const webhookFailureReasons = [
  'timeout',
  'name_not_resolved',
  'address_not_allowed',
  'certificate_invalid',
  'connection_failed',
  'unexpected_status',
  'gone',
] as const;

export const webhook = z
  .object({
    id: uuid,
    organizationId: uuid,
    url: z.string(),
    actions: z.array(z.string()).nullable(),
    description: z.string().nullable(),
    enabled: z.boolean(),
    /** Failing: the last event did not arrive and is tried again at `nextAttemptAt`. */
    status: z.enum(['active', 'failing', 'disabled']),
    disabledReason: z.enum(['by_hand', 'gone', 'no_success', 'right_lost']).nullable(),
    /** Every event up to this place in the organization's trail has been delivered or left out by `actions`. */
    position: z.int(),
    lastDeliveredAt: instant.nullable(),
    /** The last failure there was, also when events have arrived since. */
    lastFailure: z
      .object({ at: instant, reason: z.enum(webhookFailureReasons), status: z.int().nullable() })
      .nullable(),
    nextAttemptAt: instant.nullable(),
    /** Until then the former secret signs, too; null where there is none. */
    previousSecretUntil: instant.nullable(),
    createdBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    createdAt: instant,
  })
  .meta({ id: 'Webhook' });

/** The secret is told at its making and never again. */
export const webhookWithSecret = webhook
  .extend({ secret: z.string().meta({ example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }) })
  .meta({ id: 'WebhookWithSecret' });

/** The event that was recorded for the test; `webhook-id` of the request to come. */
export const webhookTest = z.object({ eventId: uuid }).meta({ id: 'WebhookTest' });

export const webhookQuery = pageQuery;
export const webhookPage = page(webhook).meta({ id: 'WebhookPage' });

export type CreateWebhook = z.infer<typeof createWebhook>;
export type UpdateWebhook = z.infer<typeof updateWebhook>;
export type WebhookView = z.infer<typeof webhook>;
export type WebhookTest = z.infer<typeof webhookTest>;
export type WebhookFailureReason = (typeof webhookFailureReasons)[number];
