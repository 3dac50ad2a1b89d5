import type { JsonWebKey } from 'node:crypto';
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Chat, WebhookFailureReason } from '#contracts';
import { createdAt, id, instant } from '../columns.ts';
import { inReach, isManaged, rowSecurity } from '../tenancy.ts';
import { Organization } from './organization.ts';

export interface WebhookFailure {
  at: string;
  reason: WebhookFailureReason;
  /** Where there was an HTTP answer. */
  status: number | null;
}

export interface FormerSecret {
  sealed: string;
  until: string;
}

/** Signed events to a service, words to a chat, security event tokens to a receiver of signals. */
export type ReceiverFormat = 'events' | Chat | 'signals';

/**
 * Where an organization's audit events are sent, and how far that has come. A channel is one whose receiver is a chat: it
 * gets a few of them, in words; a stream of signals gets what ends or changes access, as security event tokens.
 */
const WebhookSchema = defineEntity({
  name: 'Webhook',
  policies: rowSecurity('webhook', inReach('organization_id'), isManaged('organization_id')),
  indexes: [{ properties: ['organizationId'] }],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    /** Of a channel its host alone: whoever knows the whole address can write there. */
    url: p.text(),
    /** In which form events are sent. */
    format: p.string().$type<ReceiverFormat>().default('events'),
    /** Whether a chat reads what people wrote, too. */
    withReasons: p.boolean().default(false),
    /** Actions and `feature.*` patterns; null is everything. Of a stream the types of events it asked for. */
    actions: p.array().$type<string[]>().nullable(),
    description: p.text().nullable(),
    /** What signs; of a channel its address, of a stream what authorizes us at the receiver, or nothing. */
    sealedSecret: p.text(),
    /** The latest first; each signs beside the present one until its time is over. */
    formerSecrets: p.json<FormerSecret[]>().defaultRaw("'[]'"),
    createdByAccountId: p.uuid().nullable(),
    /** Who set the address or enabled it last: by whose right the events go there. */
    vouchedByAccountId: p.uuid().nullable(),
    createdAt: createdAt(),
    enabled: p.boolean().default(true),
    disabledReason: p.string().$type<'by_hand' | 'gone' | 'no_success' | 'right_lost'>().nullable(),
    /** Last place in the organization's chain that needs no delivery any more. */
    position: p.integer(),
    lastDeliveredAt: instant().nullable(),
    lastFailure: p.json<WebhookFailure>().nullable(),
    /** Failures in a row, and since when; 0 and null once something has arrived. */
    failures: p.integer().default(0),
    failingSince: instant().nullable(),
    nextAttemptAt: instant().nullable(),
    /** Whoever holds the lease delivers; nobody else does before its end. */
    lease: p.uuid().nullable(),
    leasedUntil: instant().nullable(),
  },
});
export class Webhook extends WebhookSchema.class {}
WebhookSchema.setClass(Webhook);

/** Signs security event tokens; the latest one signs, all of them are published. */
const SignalKeySchema = defineEntity({
  name: 'SignalKey',
  policies: rowSecurity('signal_key', null),
  properties: {
    /** RFC 7638: the thumbprint of the public key. */
    id: p.string().primary(),
    publicKey: p.json<JsonWebKey>(),
    sealedPrivateKey: p.text(),
    createdAt: createdAt(),
  },
});
export class SignalKey extends SignalKeySchema.class {}
SignalKeySchema.setClass(SignalKey);
