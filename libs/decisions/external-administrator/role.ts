import type { ExternalAdministratorRole } from '#access';
import { CustomerAssignment, type EntityManager, type Membership } from '#persistence';

/**
 * Gives an external membership its one role. The provisioning administrator is no administrator role but an assignment
 * on the external membership itself, so that it goes with it.
 */
export async function setExternalRole(
  em: EntityManager,
  membership: Membership,
  partnerId: string,
  role: ExternalAdministratorRole,
): Promise<void> {
  membership.administratorRoles = role === 'provisioning_administrator' ? [] : [role];
  const assignment = {
    membershipId: membership.id,
    customerId: membership.organizationId,
    source: 'service_setup',
  } as const;
  const held = await em.findOne(CustomerAssignment, assignment);
  if (role === 'provisioning_administrator' && !held) em.create(CustomerAssignment, { ...assignment, partnerId });
  if (role !== 'provisioning_administrator' && held) em.remove(held);
  await em.flush();
}

/** The role of an external membership as it stands; null where an administrator took every role away. */
export function externalRoleOf(
  { administratorRoles }: Pick<Membership, 'administratorRoles'>,
  isProvisioning: boolean,
): ExternalAdministratorRole | null {
  if (administratorRoles.includes('full_administrator')) return 'full_administrator';
  if (isProvisioning) return 'provisioning_administrator';
  return administratorRoles.includes('read_only_administrator') ? 'read_only_administrator' : null;
}
