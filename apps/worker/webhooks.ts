import type { Keys } from '#config';
import { bodies, type ChatMessage } from '#activities';
import { post, postEvent, type PostOutcome } from '#audit';
import {
  leaseWebhooks,
  nextDelivery,
  passOver,
  releaseWebhook,
  settleDelivered,
  settleFailed,
  theClock,
  webhookStands,
  type Decisions,
  type WebhookDelivery,
  type WebhookLease,
} from '#decisions';
import type { Database } from '#persistence';
import type { Pauses } from './pauses.ts';

export interface WebhookDeliveries {
  database: Database;
  decisions: Decisions;
  /** Unseals the secrets that sign; 32 bytes. */
  sealingKeys: Keys;
  /** What is written into a chat about an event; null where there is nothing to say. */
  chatMessage: (delivery: WebhookDelivery) => Promise<ChatMessage | null>;
  /** The signed token a receiver of signals gets; null where the event is none. */
  securityEventToken: (delivery: WebhookDelivery) => Promise<string | null>;
  /** Whether plain http and private networks are reached. */
  allowPrivate: boolean;
  log: { warn(message: string): void };
  signal: AbortSignal;
  /** Between two looks for events; cut short where there are new ones. */
  pauses: Pauses;
}

/** Each waits on a receiver most of the time; together they bound what slow receivers can hold. */
const webhooksAtOnce = 100;
/** Then somebody else has a turn, however much is left. */
const longestTurnMilliseconds = 20_000;

/**
 * Sends sealed events to webhooks: of each webhook in order and one at a time, of different ones side by side. Runs
 * until aborted, then finishes what is under way; no error ends it.
 */
export async function keepDelivering(deliveries: WebhookDeliveries): Promise<void> {
  const { database, log, signal, pauses } = deliveries;
  const underWay = new Set<Promise<void>>();
  const warn = (error: unknown) =>
    log.warn(`Webhooks could not be served: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
  while (!signal.aborted) {
    try {
      const free = webhooksAtOnce - underWay.size;
      const leases = free > 0 ? await leaseWebhooks(database, { limit: free }) : [];
      for (const lease of leases) {
        const turn = takeTurn(deliveries, lease)
          .catch(warn)
          .finally(() => underWay.delete(turn));
        underWay.add(turn);
      }
    } catch (error) {
      warn(error);
    }
    await pauses.rest(underWay.size > 0, signal);
  }
  await Promise.all(underWay);
}

/** One event after the other, until nothing is left, one fails, or the turn is over. No transaction is open meanwhile. */
async function takeTurn(deliveries: WebhookDeliveries, lease: WebhookLease): Promise<void> {
  const { database, decisions, sealingKeys, signal } = deliveries;
  const end = performance.now() + longestTurnMilliseconds;
  try {
    while (!signal.aborted && performance.now() < end) {
      const delivery = await nextDelivery(database, sealingKeys, lease);
      if (!delivery) return;
      if (delivery.isVouchedFromOutside && !(await decisions.decide(theClock(), (one) => webhookStands(one, lease))))
        return;
      const outcome = await deliver(deliveries, delivery);
      if (!outcome) {
        if (!(await passOver(database, lease, delivery.position))) return;
        continue;
      }
      if (!outcome.delivered) {
        await decisions.decide(theClock(), (decision) => settleFailed(decision, lease, outcome));
        return;
      }
      if (!(await settleDelivered(database, lease, delivery.position))) return;
    }
  } finally {
    await releaseWebhook(database, lease);
  }
}

/** A service gets the event itself; a chat a few words about it, a receiver of signals a token, or nothing: null. */
async function deliver(
  { allowPrivate, chatMessage, securityEventToken }: WebhookDeliveries,
  delivery: WebhookDelivery,
): Promise<PostOutcome | null> {
  const { url, format } = delivery;
  if (format === 'events') return postEvent(delivery, { allowPrivate });
  if (format === 'signals') {
    const token = await securityEventToken(delivery);
    return token === null ? null : post({ url, body: token, headers: pushHeaders(delivery) }, { allowPrivate });
  }
  const message = await chatMessage(delivery);
  return message && post({ url, body: JSON.stringify(bodies[format](message)) }, { allowPrivate });
}

/** RFC 8935, 2.1. */
const pushHeaders = ({ secrets: [authorization] }: WebhookDelivery) => ({
  'content-type': 'application/secevent+jwt',
  accept: 'application/json',
  ...(authorization && { authorization }),
});
