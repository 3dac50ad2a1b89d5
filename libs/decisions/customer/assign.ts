import { mayAssignCustomers, type TargetOrganization } from '#access';
import { Refusal } from '#contracts';
import { CustomerAssignment, holdStanding, loadTarget, type Membership } from '#persistence';
import type { Decision } from '../decision.ts';
import { openMember } from '../membership/open-member.ts';
import { viewMember } from '../membership/view.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';

/**
 * Sets the list of customers a partner administrator works for, those they provisioned themselves included: what is
 * not named goes. Customers whose services the person set up are derived and stay.
 */
export async function assignCustomers(
  decision: Decision,
  partnerId: string,
  memberId: string,
  customerIds: string[],
  precondition: Precondition = unconditionally,
): Promise<Membership> {
  const { em } = decision;
  const act = {
    action: 'membership.customers-assigned',
    organizationIds: [partnerId],
    subject: { kind: 'membership', id: memberId },
  };
  const { member, membership, subject } = await openMember(decision, partnerId, memberId, act.action);
  // The right comes before the ids: which customers there are is not told on the way.
  const right = mayAssignCustomers(subject, partnerId, member, [], await decision.now());
  if (!right.allowed) return refuseAct(act, right.code);
  const customers: TargetOrganization[] = [];
  for (const customerId of [...customerIds].sort()) {
    await holdStanding(em, [], customerId);
    const customer = await loadTarget(em, customerId);
    if (!customer) throw new Refusal('not_found');
    customers.push(customer);
  }
  const now = await decision.now();
  const ruling = mayAssignCustomers(subject, partnerId, member, customers, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  await precondition(() => viewMember(decision, membership));

  const listed = await em.find(CustomerAssignment, {
    membershipId: memberId,
    source: { $in: ['assigned', 'provisioned'] },
  });
  const before = new Set(listed.map((row) => row.customerId));
  const assigned = customerIds.filter((id) => !before.has(id));
  const unassigned = [...before].filter((id) => !customerIds.includes(id));
  if (assigned.length + unassigned.length === 0) return membership;
  const gone = listed.filter(({ customerId }) => unassigned.includes(customerId));
  for (const row of gone) em.remove(row);
  for (const customerId of assigned) {
    em.create(CustomerAssignment, {
      membershipId: memberId,
      partnerId,
      customerId,
      source: 'assigned',
      createdAt: now,
    });
  }
  const listing = { membershipId: memberId, accountId: membership.accountId, partnerId };
  decision.record({
    ...act,
    by: ruling.by,
    organizationIds: [partnerId, ...assigned, ...unassigned],
    facts: { accountId: membership.accountId, assigned, unassigned },
    standing: {
      assignments: [
        ...assigned.map((customerId) => ({ ...listing, customerId, source: 'assigned' as const })),
        ...gone.map(({ customerId, source }) => ({ ...listing, customerId, source, ended: true })),
      ],
    },
    at: now,
  });
  await em.flush();
  return membership;
}
