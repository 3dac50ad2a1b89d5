import { LockMode } from '@mikro-orm/postgresql';
import { mayOpenHelpDeskSession, mayRequestElevation } from '#access';
import { Grant, loadSubject, loadTarget } from '#persistence';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';
import { endGrant } from './end.ts';

const mayHold = { elevation: mayRequestElevation, help_desk_session: mayOpenHelpDeskSession } as const;

/** Ends, in the transaction that took a right away, the temporary access that stood on it. */
export async function endGrantsWithoutRight(decision: Decision, affected: Affected, cause: Cause): Promise<void> {
  const { em } = decision;
  const { accountId, partnerId, customerId } = affected;
  const grants = await em.find(
    Grant,
    {
      status: 'active',
      ...(partnerId && { partnerId }),
      ...(accountId && { accountId }),
      ...(customerId && { organizationId: customerId }),
    },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  if (grants.length === 0) return;
  const now = await decision.now();
  for (const grant of grants) {
    const target = await loadTarget(em, grant.organizationId);
    const holder = await loadSubject(em, grant.accountId);
    if (target && mayHold[grant.kind](holder, grant.partnerId, target, now).allowed) continue;
    if (grant.expiresAt <= now) await endGrant(decision, grant, { status: 'expired', now });
    else await endGrant(decision, grant, { status: 'ended', now, cause });
  }
}
