import { SignJWT } from 'jose';
import type { Keys } from '#config';
import { audienceOf, issuerOf, signalAlgorithm, signingSignalKey, type WebhookDelivery } from '#decisions';
import { Account, asSystem, Grant, Membership, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import {
  accessChangeOf,
  caepEventOf,
  verificationOf,
  type AccessChange,
  type SecurityEvent,
} from './security-event.ts';

export type Signal = Pick<WebhookDelivery, 'organizationId' | 'webhookId' | 'event' | 'signals' | 'at'>;

/**
 * The security event token (RFC 8417) that a stream is sent about an event of the trail; null where the event is nothing
 * the stream is for. The event's own id is the token's, so a token that comes twice is known by it.
 */
export const securityEventToken =
  ({ database, publicUrl }: Pick<Dependencies, 'database' | 'publicUrl'>, sealingKeys: Keys) =>
  async (delivery: Signal): Promise<string | null> =>
    database.transaction(asSystem, async (em) => {
      const told = await securityEvent(em, delivery);
      if (!told) return null;
      const key = await signingSignalKey(em, sealingKeys);
      const issuer = issuerOf(publicUrl, delivery.organizationId);
      return new SignJWT({ ...told, txn: delivery.event.id })
        .setProtectedHeader({ alg: signalAlgorithm, typ: 'secevent+jwt', kid: key.id })
        .setIssuer(issuer)
        .setAudience(audienceOf(issuer, delivery.webhookId))
        .setJti(delivery.event.id)
        .setIssuedAt(delivery.at)
        .sign(key.privateKey);
    });

async function securityEvent(
  em: EntityManager,
  { organizationId, webhookId, event, signals }: Signal,
): Promise<SecurityEvent | null> {
  if (event.action === 'signal-stream.verified')
    return event.subject.id === webhookId ? verificationOf(event, webhookId) : null;
  if (event.outcome !== 'success') return null;
  const change = accessChangeOf(event, organizationId);
  if (!change || !signals.includes(change.type)) return null;
  const email = await addressOf(em, change, organizationId);
  return email === null ? null : caepEventOf(change, event, { email, organizationId });
}

/** Of whoever it is about; null where what it names is another organization's. */
async function addressOf(
  em: EntityManager,
  { accountId, heldBy }: AccessChange,
  organizationId: string,
): Promise<string | null> {
  const held =
    heldBy.kind === 'grant'
      ? await em.findOne(Grant, { id: heldBy.id, organizationId })
      : await em.findOne(Membership, { id: heldBy.id, organizationId });
  if (!held || (accountId !== null && held.accountId !== accountId)) return null;
  return (await em.findOne(Account, { id: held.accountId }))?.email ?? null;
}
