import { mayBecomeExternalAdministrator, mayRequestExternalAdministration } from '#access';
import { LockMode } from '@mikro-orm/postgresql';
import { Account, ExternalAdministratorRequest, loadSubject, loadTarget, Membership } from '#persistence';
import type { Affected, Cause } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { endExternalAccess } from './end-access.ts';
import { recordWithdrawal } from './record.ts';

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

/** Withdraws, in the transaction that took a right away, the open requests of people who may no longer ask. */
export async function cancelRequestsWithoutRight(
  decision: Decision,
  { accountId, partnerId }: Affected,
  cause: Cause,
): Promise<void> {
  // No relationship is needed to ask, so without a person there is nobody who lost the right.
  if (!accountId) return;
  const { em } = decision;
  const requests = await em.find(
    ExternalAdministratorRequest,
    { status: 'pending', requesterId: accountId, ...(partnerId && { partnerId }) },
    locked,
  );
  for (const request of requests) {
    const now = await decision.now();
    const subject = await loadSubject(em, request.requesterId);
    const account = await em.findOne(Account, { id: request.requesterId, removedAt: null });
    // Access that the asker has by now is no loss of a right: whoever approves then is told.
    const target = request.customerId ? await loadTarget(em, request.customerId) : null;
    const ruling = mayRequestExternalAdministration(subject, request.partnerId, target, now);
    const holds =
      account &&
      (ruling.allowed || ruling.code === 'has_access_already') &&
      mayBecomeExternalAdministrator(subject, now, account).allowed;
    if (holds || request.decideBy <= now) continue;
    request.status = 'cancelled';
    request.decidedAt = now;
    request.decisionReason = cause;
    await recordWithdrawal(decision, request, cause, now);
    await decision.nudge('externalAdministrator', request.id);
  }
}
