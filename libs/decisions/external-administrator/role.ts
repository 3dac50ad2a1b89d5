import type { AdministratorRole, ExternalAdministratorRole, RecordedStanding } from '#access';
import { CustomerAssignment, type Membership } from '#persistence';
import type { Decision } from '../decision.ts';
import { appoint, endAppointments } from '../membership/appoint.ts';
import { toldOfMembership } from '../standing-told.ts';

export interface ExternalRole {
  role: ExternalAdministratorRole;
  /** The partner for which the person administers. */
  partnerId: string;
  /** The right by which the role is given. */
  by: string;
  now: Date;
}

/**
 * Gives an external membership its one role. The provisioning administrator is no administrator role but an assignment
 * on the external membership itself, so that it goes with it.
 */
export async function setExternalRole(
  decision: Decision,
  membership: Membership,
  { role, partnerId, by, now }: ExternalRole,
): Promise<void> {
  const { em, actor } = decision;
  const before = membership.administratorRoles;
  const after: AdministratorRole[] = role === 'provisioning_administrator' ? [] : [role];
  membership.administratorRoles = after;
  const assignment = {
    membershipId: membership.id,
    customerId: membership.organizationId,
    source: 'service_setup',
  } as const;
  const held = await em.findOne(CustomerAssignment, assignment);
  if (role === 'provisioning_administrator' && !held) em.create(CustomerAssignment, { ...assignment, partnerId });
  if (role !== 'provisioning_administrator' && held) em.remove(held);
  await em.flush();
  const gone = before.filter((one) => !after.includes(one));
  const news = after.filter((one) => !before.includes(one));
  const giver = { kind: actor.kind, id: actor.id, right: by, partnerId, backedBy: null, founding: false };
  await endAppointments(decision, membership, gone, now);
  await appoint(decision, membership, news, giver, now);
}

/** What the trail tells of an external membership that has this role from now on. */
export const toldOfExternalMembership = (
  membership: Membership,
  role: ExternalAdministratorRole | null,
  partnerId: string,
): RecordedStanding => ({
  memberships: [toldOfMembership(membership)],
  assignments: [
    {
      membershipId: membership.id,
      accountId: membership.accountId,
      partnerId,
      customerId: membership.organizationId,
      source: 'service_setup',
      ...(role !== 'provisioning_administrator' && { ended: true }),
    },
  ],
});

/** The role of an external membership as it stands; null where an administrator took every role away. */
export function externalRoleOf(
  { administratorRoles }: Pick<Membership, 'administratorRoles'>,
  isProvisioning: boolean,
): ExternalAdministratorRole | null {
  if (administratorRoles.includes('full_administrator')) return 'full_administrator';
  if (isProvisioning) return 'provisioning_administrator';
  return administratorRoles.includes('read_only_administrator') ? 'read_only_administrator' : null;
}
