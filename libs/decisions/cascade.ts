import { mayOpenHelpDeskSession, mayRequestElevation, type TargetOrganization } from '#access';
import { Elevation, Grant, loadSubject, loadTarget } from '#persistence';
import { LockMode } from '@mikro-orm/postgresql';
import { endAssignments } from './customer/end-assignments.ts';
import type { Decision } from './decision.ts';
import { cancelWithoutRight } from './elevation/cancel-without-right.ts';
import { cancelRequestsWithoutRight, endExternalAccessOfLeaver } from './external-administrator/cascade.ts';
import { endGrant } from './grant/end.ts';
import { endExternalMemberships } from './relationship/end-external-memberships.ts';

/** Which precondition went. */
export type Cause = 'role_lost' | 'membership_removed' | 'account_removed' | 'relationship_ended' | 'assignment_lost';

export interface Affected {
  accountId?: string;
  partnerId?: string;
  customerId?: string;
}

/**
 * Ends, in the transaction that took a right away, everything that stood on it: external memberships, customers on
 * somebody's list, open requests and temporary access. The rules are asked again for each row, so whatever still
 * holds stays.
 */
export async function endWhatNoLongerHolds(decision: Decision, affected: Affected, cause: Cause): Promise<void> {
  await decision.em.flush();
  await endExternalMemberships(decision, affected, cause);
  await endExternalAccessOfLeaver(decision, affected, cause);
  await endAssignments(decision, affected, cause);
  await cancelRequestsWithoutRight(decision, affected, cause);
  await endTemporaryAccess(decision, affected, cause);
}

async function endTemporaryAccess(decision: Decision, affected: Affected, cause: Cause): Promise<void> {
  const { em } = decision;
  const parties = { ...(affected.partnerId && { partnerId: affected.partnerId }) };
  const locked = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true } as const;
  const requests = await em.find(
    Elevation,
    {
      status: 'pending',
      ...parties,
      ...(affected.accountId && { requesterId: affected.accountId }),
      ...(affected.customerId && { customerId: affected.customerId }),
    },
    locked,
  );
  const grants = await em.find(
    Grant,
    {
      status: 'active',
      ...parties,
      ...(affected.accountId && { accountId: affected.accountId }),
      ...(affected.customerId && { organizationId: affected.customerId }),
    },
    locked,
  );
  if (requests.length + grants.length === 0) return;
  const now = await decision.now();

  const targets = new Map<string, TargetOrganization | null>();
  const targetOf = async (customerId: string) => {
    if (!targets.has(customerId)) targets.set(customerId, await loadTarget(em, customerId));
    return targets.get(customerId) ?? null;
  };
  for (const request of requests) {
    const target = await targetOf(request.customerId);
    const holds =
      target && mayRequestElevation(await loadSubject(em, request.requesterId), request.partnerId, target, now).allowed;
    if (!holds && request.decideBy > now) await cancelWithoutRight(decision, request, cause, now);
  }
  for (const grant of grants) {
    const target = await targetOf(grant.organizationId);
    const mayHold = grant.kind === 'elevation' ? mayRequestElevation : mayOpenHelpDeskSession;
    const holds = target && mayHold(await loadSubject(em, grant.accountId), grant.partnerId, target, now).allowed;
    if (holds) continue;
    if (grant.expiresAt <= now) await endGrant(decision, grant, { status: 'expired', now });
    else await endGrant(decision, grant, { status: 'ended', now, cause });
  }
}
