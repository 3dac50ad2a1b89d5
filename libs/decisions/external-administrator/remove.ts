import type { Decision } from '../decision.ts';
import { endExternalAccess } from './end-access.ts';
import { openExternalMember } from './open-member.ts';

/** A full administrator of the customer removes an external administrator, at once. */
export async function removeExternalAdministrator(
  decision: Decision,
  organizationId: string,
  memberId: string,
): Promise<void> {
  const { membership, by, now } = await openExternalMember(decision, organizationId, memberId, 'removed');
  await endExternalAccess(decision, membership, { how: 'revoked', now, by });
}
