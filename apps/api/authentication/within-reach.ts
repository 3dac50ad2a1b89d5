import { Refusal } from '#contracts';
import type { Actor } from '#decisions';
import { asSystem } from '#persistence';

/**
 * For rows that are in their own organization's sight alone: whoever reaches the organization otherwise is judged like its
 * people, and to everybody else it is not there.
 */
export function withinReach(actor: Actor, organizationId: string): Actor {
  const { tenancy } = actor;
  if (tenancy.kind === 'tenant' && !tenancy.reach.includes(organizationId)) throw new Refusal('not_found');
  return { ...actor, tenancy: asSystem };
}
