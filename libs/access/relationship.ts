import type { Relationship, RelationshipOrigin, TargetOrganization } from './subject.ts';

/** Of two ends the one that comes first; null is none. */
export const earlierOf = (one: Date | null, other: Date | null): Date | null =>
  one === null ? other : other === null || one < other ? one : other;

export const isActive = (relationship: Relationship, now: Date): boolean =>
  relationship.activeFrom <= now && (relationship.activeUntil === null || now < relationship.activeUntil);

/** The relationship between this customer and the partner that is active now, or null. */
export function activeRelationship(
  target: TargetOrganization,
  partnerId: string,
  now: Date,
  origin?: RelationshipOrigin,
): Relationship | null {
  const found = target.relationships.find(
    (relationship) =>
      relationship.customerId === target.id &&
      relationship.partnerId === partnerId &&
      (origin === undefined || relationship.origin === origin) &&
      isActive(relationship, now),
  );
  return found ?? null;
}

/** A provisioned relationship opens the customer to the partner's people by their roles; an external one does not. */
export const provisionedBy = (target: TargetOrganization, partnerId: string, now: Date): Relationship | null =>
  target.kind === 'customer' ? activeRelationship(target, partnerId, now, 'provisioned') : null;

export const hasProvisionedPartner = (target: TargetOrganization, now: Date): boolean =>
  target.relationships.some((relationship) => provisionedBy(target, relationship.partnerId, now) !== null);
