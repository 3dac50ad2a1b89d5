import { erasePersonalData } from '#audit';
import { Refusal } from '#contracts';
import { Membership } from '#persistence';
import type { Decision } from '../decision.ts';

/**
 * Forgets a former member on the trail of the organization. That it was done stays, on the trail of each side that shared
 * an event, by whom and of how many; whom it was about stays as an id.
 */
export async function eraseFromTrail(decision: Decision, organizationId: string, accountId: string): Promise<void> {
  const { em } = decision;
  const memberships = await em.find(Membership, { organizationId, accountId });
  if (memberships.length === 0) throw new Refusal('not_found');
  if (memberships.some(({ removedAt }) => removedAt === null)) throw new Refusal('still_member');
  const now = await decision.now();
  for (const [id, events] of await erasePersonalData(em, organizationId, accountId)) {
    decision.record({
      action: 'audit.personal-data-erased',
      by: 'support',
      organizationIds: [id],
      subject: { kind: 'account', id: accountId },
      facts: { events },
      at: now,
    });
  }
}
