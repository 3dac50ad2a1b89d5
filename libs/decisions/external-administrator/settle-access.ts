import { ExternalAdministratorRequest, Membership } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { endExternalAccess } from './end-access.ts';

export interface ExternalAccessProgress {
  /** Whether the external administrator is still one. */
  lasts: boolean;
  /** Milliseconds until the date, by the database's clock; null where there is none. */
  untilEnd: number | null;
}

/** Removes the external administrator where the date is over, and says how it stands. Harmless to repeat. */
export async function settleExternalAccess(decision: Decision, requestId: string): Promise<ExternalAccessProgress> {
  const { em } = decision;
  const over = { lasts: false, untilEnd: null };
  const { membershipId } = await em.findOneOrFail(ExternalAdministratorRequest, { id: requestId });
  const membership = membershipId ? await lockRow(em, Membership, { id: membershipId }) : null;
  if (!membership || membership.removedAt) return over;
  const now = await decision.now();
  if (!membership.until) return { lasts: true, untilEnd: null };
  if (membership.until > now) return { lasts: true, untilEnd: membership.until.getTime() - now.getTime() };
  await endExternalAccess(decision, membership, { how: 'expired', now });
  return over;
}
