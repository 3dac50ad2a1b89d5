import type { RecordedStanding } from '#access';
import {
  CustomerAssignment,
  ExternalAdministratorRequest,
  Membership,
  Relationship,
  type ExternalAdministratorEnding,
} from '#persistence';
import { theClock, type Decision } from '../decision.ts';
import { endKeysWithoutRight } from '../api-key/end-without-right.ts';
import { lockRow } from '../lock.ts';
import { endAppointments } from '../membership/appoint.ts';
import { forgetWhatCameWith } from '../membership/forget-what-came-with.ts';
import { endSessionsAt } from '../session/end-sessions-at.ts';
import { recordForBoth } from './record.ts';

export interface ExternalAccessEnding {
  how: ExternalAdministratorEnding;
  now: Date;
  by?: string | undefined;
  /** Which precondition went, where one did. */
  cause?: string | undefined;
  /** A new membership follows in the same transaction. */
  keepRelationship?: boolean;
}

/**
 * Ends a locked external membership: row, assignments, the relationship where it was the last to stand on it, its event
 * and its workflow's nudge. Every way an external administrator goes comes through here.
 */
export async function endExternalAccess(
  decision: Decision,
  membership: Membership,
  { how, now, by, cause, keepRelationship = false }: ExternalAccessEnding,
): Promise<void> {
  const { em } = decision;
  // Access that ran out ended at its date and by the clock, however late and by whom it is written down.
  const actor = how === 'expired' ? theClock() : decision.actor;
  const endedAt = how === 'expired' && membership.until ? membership.until : now;
  membership.removedAt = endedAt;
  await em.flush();
  await endAppointments(decision, membership, membership.administratorRoles, now);
  await endKeysWithoutRight(
    decision,
    { accountId: membership.accountId, customerId: membership.organizationId },
    'membership_removed',
  );
  const { accountId, organizationId } = membership;
  await endSessionsAt(em, { accountId, organizationId, now });
  await em.nativeDelete(CustomerAssignment, { membershipId: membership.id });
  if (how !== 'superseded') await forgetWhatCameWith(decision, membership, now);
  if (!keepRelationship) await endRelationshipOfNobody(decision, membership, by, now);

  const request = await lockRow(em, ExternalAdministratorRequest, { membershipId: membership.id });
  const standing = { memberships: [{ id: membership.id, endedAt }] };
  if (!request) {
    recordWithoutRequest(decision, membership, how, standing, now);
    return;
  }
  request.endedAs = how;
  request.endedAt = endedAt;
  request.endedById = actor.id;
  request.endReason = cause ?? null;
  recordForBoth(decision, request, {
    verb: how === 'revoked' ? 'removed' : 'ended',
    by,
    facts: {
      how,
      accountId: membership.accountId,
      memberId: membership.id,
      until: membership.until ?? null,
      ...(cause && { cause }),
    },
    standing,
    at: now,
    actor,
  });
  await decision.nudge('externalAdministrator', request.id);
}

/** A membership that no request brought about has no workflow to tell anybody; the record tells. */
function recordWithoutRequest(
  decision: Decision,
  { id, organizationId, accountId }: Membership,
  how: ExternalAdministratorEnding,
  standing: RecordedStanding,
  at: Date,
): void {
  decision.record({
    action: `external-administrator.${how === 'revoked' ? 'removed' : 'ended'}`,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id },
    facts: { how, accountId },
    standing,
    at,
  });
}

/** The relationship stands for the persons it was approved for; with the last of them it is over. */
async function endRelationshipOfNobody(
  decision: Decision,
  { relationshipId }: Membership,
  by: string | undefined,
  now: Date,
): Promise<void> {
  const { em } = decision;
  if (!relationshipId) return;
  const relationship = await lockRow(em, Relationship, {
    id: relationshipId,
    origin: 'external_administrator',
    activeUntil: null,
  });
  if (!relationship) return;
  if ((await em.count(Membership, { relationshipId, removedAt: null })) > 0) return;
  relationship.activeUntil = now;
  decision.record({
    action: 'relationship.ended',
    by,
    organizationIds: [relationship.partnerId, relationship.customerId],
    subject: { kind: 'relationship', id: relationship.id },
    facts: { origin: relationship.origin, cause: 'last_external_administrator_gone' },
    standing: { relationships: [{ id: relationship.id, endedAt: now }] },
    at: now,
  });
}
