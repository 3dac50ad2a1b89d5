import type { GrantStatus } from '#access';
import type { Grant } from '#persistence';
import { theClock, type Decision } from '../decision.ts';

export interface Ending {
  status: Exclude<GrantStatus, 'active'>;
  now: Date;
  by?: string | undefined;
  reason?: string | undefined;
  /** Which precondition went, where one did: `role_lost`, `membership_removed`, `relationship_ended`, … */
  cause?: string | undefined;
}

const workflowOf = { elevation: 'elevation', help_desk_session: 'helpDeskSession' } as const;
export const featureOf = { elevation: 'elevation', help_desk_session: 'help-desk-session' } as const;

/** `<feature>.expired` is what becomes of a request; a grant that ran out `ended`, and says why as the others do. */
const verbOf = {
  expired: 'ended',
  revoked: 'revoked',
  returned: 'returned',
  superseded: 'superseded',
  ended: 'ended',
} as const satisfies Record<Ending['status'], string>;

/** Ends a locked, active grant: its row, its event, its workflow's nudge. Every way a grant ends comes through here. */
export async function endGrant(
  decision: Decision,
  grant: Grant,
  { status, now, by, reason, cause }: Ending,
): Promise<void> {
  // A grant that ran out ended at its end and by the clock, however late and by whom it is written down.
  const actor = status === 'expired' ? theClock() : decision.actor;
  grant.status = status;
  grant.endedAt = status === 'expired' ? grant.expiresAt : now;
  grant.endedById = actor.id;
  grant.endReason = reason ?? cause ?? null;
  const why = status === 'expired' ? 'expired' : cause;
  decision.record({
    action: `${featureOf[grant.kind]}.${verbOf[status]}`,
    actor,
    by,
    organizationIds: [grant.organizationId, grant.partnerId],
    subject: { kind: featureOf[grant.kind], id: grant.sourceId },
    facts: { expiresAt: grant.expiresAt, ...(why && { cause: why }) },
    standing: { grants: [{ id: grant.id, endedAt: grant.endedAt }] },
    ...(reason && { personal: { reason } }),
    grantId: grant.id,
    at: now,
  });
  await decision.nudge(workflowOf[grant.kind], grant.sourceId);
}
