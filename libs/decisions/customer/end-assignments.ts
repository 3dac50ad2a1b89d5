import { keepsAssignment, type TargetOrganization } from '#access';
import { CustomerAssignment, loadSubject, loadTarget, Membership } from '#persistence';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';

/** Takes customers off the lists of those who lost the role, the membership or the relationship that kept them there. */
export async function endAssignments(decision: Decision, affected: Affected, cause: Cause): Promise<void> {
  const { em } = decision;
  const memberships = affected.accountId ? await em.find(Membership, { accountId: affected.accountId }) : null;
  const rows = await em.find(
    CustomerAssignment,
    {
      ...(affected.partnerId && { partnerId: affected.partnerId }),
      ...(affected.customerId && { customerId: affected.customerId }),
      ...(memberships && { membershipId: { $in: memberships.map((row) => row.id) } }),
    },
    { orderBy: { id: 'asc' } },
  );
  if (rows.length === 0) return;
  const now = await decision.now();
  const targets = new Map<string, TargetOrganization | null>();
  for (const [membershipId, listed] of Map.groupBy(rows, (row) => row.membershipId)) {
    const membership = await em.findOne(Membership, { id: membershipId });
    // What an external administrator has stands on the approval and goes with the external membership.
    if (!membership || membership.kind === 'external') continue;
    const subject = await loadSubject(em, membership.accountId);
    const gone: CustomerAssignment[] = [];
    for (const row of listed) {
      const { customerId } = row;
      if (!targets.has(customerId)) targets.set(customerId, await loadTarget(em, customerId));
      const target = targets.get(customerId);
      if (!target || !keepsAssignment(subject, row.partnerId, row.source, target, now)) gone.push(row);
    }
    if (gone.length === 0) continue;
    const unassigned = [...new Set(gone.map((row) => row.customerId))];
    for (const row of gone) em.remove(row);
    decision.record({
      action: 'membership.customers-unassigned',
      organizationIds: [membership.organizationId, ...unassigned],
      subject: { kind: 'membership', id: membershipId },
      facts: { accountId: membership.accountId, unassigned, cause },
      standing: {
        assignments: gone.map(({ partnerId, customerId, source }) => ({
          membershipId,
          accountId: membership.accountId,
          partnerId,
          customerId,
          source,
          ended: true,
        })),
      },
      at: now,
    });
  }
  await em.flush();
}
