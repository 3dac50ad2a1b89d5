import { eventIdOfLink, isLinkToken } from '#identity';
import { Refusal } from '#contracts';
import { Account, AuditEvent, SsoIdentity } from '#persistence';
import type { Decision } from '../decision.ts';

/** How long the link of the mail works. */
const linkMilliseconds = 3600_000;
/** A person who tries again at once has the mail already. */
const againMilliseconds = 60_000;

/**
 * Somebody the provider takes for a member has signed in for the first time: the member is mailed. Whoever opens the link
 * signs in once more, and it is that identity which is connected, so that nobody consents to somebody else's.
 */
export async function offerLink(decision: Decision, organizationId: string, account: Account): Promise<void> {
  const { em } = decision;
  const now = await decision.now();
  const since = new Date(now.getTime() - againMilliseconds);
  const recent = await em.find(AuditEvent, { action: 'single-sign-on.link-offered', at: { $gt: since } });
  if (
    recent.some(({ subject, organizationIds }) => subject.id === account.id && organizationIds.includes(organizationId))
  )
    return;
  const event = decision.record({
    action: 'single-sign-on.link-offered',
    organizationIds: [organizationId],
    subject: { kind: 'account', id: account.id },
    facts: { accountId: account.id, expiresAt: new Date(now.getTime() + linkMilliseconds) },
    at: now,
  });
  await em.flush();
  await decision.nudge('membershipNotice', event.id);
}

/** Whose link it is, once, within its hour. */
export async function personOfLink(decision: Decision, organizationId: string, token: string): Promise<Account> {
  const { em, settings } = decision;
  const eventId = eventIdOfLink(token);
  const offer =
    eventId && isLinkToken(token, settings.inviteKeys, eventId)
      ? await em.findOne(AuditEvent, { id: eventId, action: 'single-sign-on.link-offered' })
      : null;
  const now = await decision.now();
  const isOpen =
    offer?.organizationIds.includes(organizationId) === true && now.getTime() - offer.at.getTime() < linkMilliseconds;
  const account = isOpen ? await em.findOne(Account, { id: offer.subject.id, removedAt: null }) : null;
  const used =
    account && offer
      ? await em.count(SsoIdentity, { organizationId, accountId: account.id, createdAt: { $gte: offer.at } })
      : 0;
  if (!account || used > 0) throw new Refusal('sign_in_link_invalid');
  return account;
}
