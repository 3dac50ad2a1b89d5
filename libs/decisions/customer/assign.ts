import { mayAssignCustomers, type TargetOrganization } from '#access';
import { Refusal } from '#contracts';
import { CustomerAssignment, holdStanding, loadTarget, type Membership } from '#persistence';
import type { Decision } from '../decision.ts';
import { openMember } from '../membership/open-member.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/**
 * Sets the list of customers a partner administrator works for, those they provisioned themselves included: what is
 * not named goes. Customers whose services the person set up are derived and stay.
 */
export async function assignCustomers(
  decision: Decision,
  partnerId: string,
  memberId: string,
  customerIds: string[],
): Promise<Membership> {
  const { em, actor } = decision;
  // A customer's people have its partner in reach; whom the partner employs is not for them to change or to learn.
  const subject = await subjectOf(em, actor);
  if (!subject.memberships.some(({ organizationId }) => organizationId === partnerId)) throw new Refusal('not_found');
  const { member, membership } = await openMember(decision, partnerId, memberId);
  const customers: TargetOrganization[] = [];
  for (const customerId of [...customerIds].sort()) {
    await holdStanding(em, [], customerId);
    const customer = await loadTarget(em, customerId);
    if (!customer) throw new Refusal('not_found');
    customers.push(customer);
  }
  const now = await decision.now();
  const ruling = mayAssignCustomers(await subjectOf(em, actor), partnerId, member, customers, now);
  if (!ruling.allowed) {
    return refuseAct(
      {
        action: 'membership.customers-assigned',
        organizationIds: [partnerId],
        subject: { kind: 'membership', id: memberId },
      },
      ruling.code,
    );
  }

  const listed = await em.find(CustomerAssignment, {
    membershipId: memberId,
    source: { $in: ['assigned', 'provisioned'] },
  });
  const before = new Set(listed.map((row) => row.customerId));
  const assigned = customerIds.filter((id) => !before.has(id));
  const unassigned = [...before].filter((id) => !customerIds.includes(id));
  if (assigned.length + unassigned.length === 0) return membership;
  for (const row of listed) if (unassigned.includes(row.customerId)) em.remove(row);
  for (const customerId of assigned) {
    em.create(CustomerAssignment, {
      membershipId: memberId,
      partnerId,
      customerId,
      source: 'assigned',
      createdAt: now,
    });
  }
  decision.record({
    action: 'membership.customers-assigned',
    by: ruling.by,
    organizationIds: [partnerId, ...assigned, ...unassigned],
    subject: { kind: 'membership', id: memberId },
    facts: { accountId: membership.accountId, assigned, unassigned },
    at: now,
  });
  await em.flush();
  return membership;
}
