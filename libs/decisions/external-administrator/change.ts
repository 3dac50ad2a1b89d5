import { externalAdministratorRoles, mayDecide } from '#access';
import { Refusal, type UpdateExternalAdministrator } from '#contracts';
import {
  CustomerAssignment,
  ExternalAdministratorRequest,
  loadSubject,
  loadTarget,
  Organization,
  type Membership,
} from '#persistence';
import type { Decision } from '../decision.ts';
import { refuseUntil } from './approve.ts';
import { openExternalMember } from './open-member.ts';
import { recordForBoth } from './record.ts';
import { externalRoleOf, setExternalRole, toldOfExternalMembership } from './role.ts';
import { endWithinTerm } from './term.ts';

/** Another role or another end. Whoever sets new terms approves them, so it is for those who could have approved. */
export async function changeExternalAdministrator(
  decision: Decision,
  organizationId: string,
  memberId: string,
  { role, until }: UpdateExternalAdministrator,
): Promise<Membership> {
  const { em } = decision;
  const opened = await openExternalMember(decision, organizationId, memberId, 'changed');
  const { membership, partnerId, now, refuse } = opened;
  const target = await loadTarget(em, organizationId);
  if (!target || !partnerId) throw new Refusal('not_found');
  const judged = { inSession: opened.actor, inAll: await loadSubject(em, opened.actor.accountId) };
  const ruling = mayDecide(judged, { requesterId: membership.accountId, partnerId, organizationId }, now);
  if (!ruling.allowed) return refuse(ruling.code);

  const isProvisioning = (await em.count(CustomerAssignment, { membershipId: memberId, source: 'service_setup' })) > 0;
  const before = { role: externalRoleOf(membership, isProvisioning), until: membership.until ?? null };
  const customer = await em.findOneOrFail(Organization, { id: organizationId });
  const wished = until === null ? null : new Date(until ?? now);
  if (until && wished && wished <= now) refuseUntil();
  const after = {
    role: role ?? before.role,
    until: until === undefined ? before.until : endWithinTerm(customer, wished, now),
  };
  const roles = externalAdministratorRoles(target, partnerId, now);
  if (role && role !== before.role && !roles.includes(role)) {
    return refuse('role_not_available', {
      roles,
      errors: [{ pointer: '/role', message: `One of ${roles.join(', ')}` }],
    });
  }
  if (after.role === before.role && after.until?.getTime() === before.until?.getTime()) return membership;

  membership.until = after.until;
  if (after.until?.getTime() !== before.until?.getTime()) membership.noticedDays = null;
  if (role) await setExternalRole(decision, membership, { role, partnerId, by: ruling.by, now });
  const request = await em.findOne(ExternalAdministratorRequest, { membershipId: memberId });
  if (!request) return membership;
  recordForBoth(decision, request, {
    verb: 'changed',
    by: ruling.by,
    facts: { memberId, before, after },
    standing: toldOfExternalMembership(membership, after.role, partnerId),
    at: now,
  });
  // Its workflow may have completed, where there was no end to wait for: the nudge starts it again.
  await decision.nudge('externalAdministrator', request.id);
  return membership;
}
