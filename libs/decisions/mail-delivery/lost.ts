import type { Subject } from '#access';
import { Account, MailDelivery, Membership, type EntityManager } from '#persistence';
import { inSight, type MailSight } from './sight.ts';

/** A mail that could not be delivered. */
export interface LostMail {
  kind: string;
  /** Null where the viewer is not to know who else over there gets mails. */
  recipientName: string | null;
}

/** Who is named to everybody who sees the row: its people, and who belongs to one of these organizations. */
export interface KnownToViewers {
  accountIds: readonly string[];
  organizationIds?: readonly string[];
}

/** The lost mails about a row, oldest first; besides those known to all, a viewer learns the names of colleagues. */
export async function listLostMails(
  em: EntityManager,
  viewer: Subject,
  sight: MailSight,
  { accountIds, organizationIds = [] }: KnownToViewers,
): Promise<LostMail[]> {
  const lost = await em.find(
    MailDelivery,
    { $and: [inSight(sight), { status: 'undeliverable' }] },
    { orderBy: { id: 'asc' } },
  );
  if (lost.length === 0) return [];
  const recipients = lost.flatMap(({ accountId }) => (accountId ? [accountId] : []));
  const places = [...organizationIds, ...viewer.memberships.map(({ organizationId }) => organizationId)];
  const colleagues = await em.find(Membership, {
    accountId: { $in: recipients },
    organizationId: { $in: places },
    removedAt: null,
  });
  const named = new Set([viewer.accountId, ...accountIds, ...colleagues.map(({ accountId }) => accountId)]);
  const people = await em.find(Account, { id: { $in: recipients.filter((id) => named.has(id)) } });
  return lost.map(({ kind, accountId }) => ({
    kind,
    recipientName: people.find(({ id }) => id === accountId)?.displayName ?? null,
  }));
}
