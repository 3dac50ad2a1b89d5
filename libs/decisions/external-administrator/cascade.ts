import { LockMode } from '@mikro-orm/postgresql';
import { ExternalAdministratorRequest, Membership } from '#persistence';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';
import { endExternalAccess } from './end-access.ts';

const locked = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true } as const;
const departures: readonly Cause[] = ['membership_removed', 'account_removed'];

/** Whoever left the partner administers no customer in its name; a mere loss of the role there leaves the approval. */
export async function endExternalAccessOfLeaver(
  decision: Decision,
  { accountId, partnerId }: Affected,
  cause: Cause,
): Promise<void> {
  if (!accountId || !departures.includes(cause)) return;
  const { em } = decision;
  const approved = await em.find(ExternalAdministratorRequest, {
    requesterId: accountId,
    ...(partnerId && { partnerId }),
    status: 'approved',
    endedAs: null,
  });
  const memberships = await em.find(
    Membership,
    { id: { $in: approved.flatMap((row) => (row.membershipId ? [row.membershipId] : [])) }, removedAt: null },
    locked,
  );
  for (const membership of memberships) {
    const now = await decision.now();
    const hasRunOut = membership.until && membership.until <= now;
    await endExternalAccess(decision, membership, hasRunOut ? { how: 'expired', now } : { how: 'ended', now, cause });
  }
}
