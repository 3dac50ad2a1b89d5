import type { Membership, Subject, TemporaryAccess } from '#access';
import type { TenancyContext } from '../tenancy.ts';
import type { Standing } from './standing.ts';

/**
 * What of a standing row-level security would have shown under that tenancy. The statement reads as a role that sees all
 * of what standing is made of, since whose call it is comes with the answer; from here on nobody learns of more than
 * their transactions would show them.
 */
export function asSeenBy(standing: Standing, tenancy: TenancyContext): Standing {
  if (tenancy.kind !== 'tenant') return standing;
  const own = new Set(tenancy.organizationIds);
  const reach = reachOf(standing, own);
  return {
    ...standing,
    subjects: new Map([...standing.subjects].map(([id, subject]) => [id, subjectSeenBy(subject, own, reach)])),
    services: new Map([...standing.services].filter(([, { organizationId }]) => own.has(organizationId))),
    organizations: new Map([...standing.organizations].filter(([id]) => reach.has(id))),
  };
}

/** Of the organizations in the standing: one's own, and those an active relationship joins to one of them. */
export function reachOf({ organizations, related }: Standing, own: ReadonlySet<string>): Set<string> {
  const reach = new Set(own);
  for (const { relationships } of organizations.values()) {
    for (const { partnerId, customerId } of relationships) {
      if (own.has(partnerId)) reach.add(customerId);
      if (own.has(customerId)) reach.add(partnerId);
    }
  }
  for (const id of own) for (const other of related.get(id) ?? []) reach.add(other);
  return reach;
}

/** One's own organizations, and the customers of those among them that are partners: the way down, never the way up. */
export function managedOf({ organizations, customers }: Standing, own: ReadonlySet<string>): Set<string> {
  const managed = new Set(own);
  for (const { relationships } of organizations.values())
    for (const { partnerId, customerId } of relationships) if (own.has(partnerId)) managed.add(customerId);
  for (const id of own) for (const customerId of customers.get(id) ?? []) managed.add(customerId);
  return managed;
}

const subjectSeenBy = (subject: Subject, own: ReadonlySet<string>, reach: ReadonlySet<string>): Subject => ({
  accountId: subject.accountId,
  memberships: subject.memberships.filter(({ organizationId }: Membership) => reach.has(organizationId)),
  closedMemberships: [],
  temporaryAccess: subject.temporaryAccess.filter(
    ({ organizationId, partnerId }: TemporaryAccess) => own.has(organizationId) || own.has(partnerId),
  ),
  ...(subject.onBehalfOf && { onBehalfOf: subjectSeenBy(subject.onBehalfOf, own, reach) }),
});
