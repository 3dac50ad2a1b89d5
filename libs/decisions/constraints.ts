import type { ErrorCode } from '#contracts';
import { approvalFlows } from './approval/registry.ts';

/** What it means to come second at a unique index. */
const codes: Readonly<Record<string, ErrorCode>> = {
  grant_one_live: 'concurrent_change',
  invite_one_open: 'concurrent_change',
  membership_one_per_person: 'already_member',
  customer_assignment_membership_id_customer_id_source_unique: 'concurrent_change',
  relationship_one_active: 'relationship_exists',
  organization_slug_unique: 'slug_taken',
  address_proven_once: 'address_taken',
  address_claimed_once: 'address_taken',
  credential_username_unique: 'username_taken',
  scim_user_one_name: 'username_taken',
  scim_user_one_address: 'address_taken',
  group_organization_id_kind_name_unique: 'name_taken',
  ...Object.fromEntries(approvalFlows.map(({ oneOpen }) => [oneOpen.index, oneOpen.code])),
};

export function codeOfConstraint(message: string): ErrorCode | null {
  const constraint = /unique constraint "([^"]+)"/.exec(message)?.[1];
  return (constraint && codes[constraint]) || null;
}
