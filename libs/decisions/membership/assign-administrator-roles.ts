import { mayAssignAdministratorRoles, type AdministratorRole } from '#access';
import { Refusal } from '#contracts';
import { loadTarget, Membership } from '#persistence';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { openMember } from './open-member.ts';
import { tellMember } from './tell-member.ts';

/** Sets a member's administrator roles; what stood on a role that goes, ends in the same transaction. */
export async function assignAdministratorRoles(
  decision: Decision,
  organizationId: string,
  memberId: string,
  roles: AdministratorRole[],
): Promise<Membership> {
  const { em, actor } = decision;
  const { member, membership } = await openMember(decision, organizationId, memberId);
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const now = await decision.now();
  const ruling = mayAssignAdministratorRoles(await subjectOf(em, actor), target, member, roles, now);
  if (!ruling.allowed) {
    return refuseAct(
      {
        action: 'membership.administrator-roles-assigned',
        organizationIds: [organizationId],
        subject: { kind: 'membership', id: memberId },
      },
      ruling.code,
    );
  }

  const before = membership.administratorRoles;
  const gained = roles.filter((role) => !before.includes(role));
  const lost = before.filter((role) => !roles.includes(role));
  if (gained.length + lost.length === 0) return membership;
  membership.administratorRoles = roles;
  const event = decision.record({
    action: 'membership.administrator-roles-assigned',
    by: ruling.by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: memberId },
    facts: { accountId: membership.accountId, from: before, to: roles, gained, lost },
    at: now,
  });
  await tellMember(decision, event, membership.accountId);
  if (lost.length > 0)
    await endWhatNoLongerHolds(decision, { accountId: membership.accountId, partnerId: organizationId }, 'role_lost');
  return membership;
}
