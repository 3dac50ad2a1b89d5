import { Grant } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { endGrant } from './end.ts';

/** Writes down that a grant ran out; access ended by the clock before. Guarded, harmless to repeat. */
export async function expireGrant(decision: Decision, sourceId: string): Promise<Grant | null> {
  const grant = await lockRow(decision.em, Grant, { sourceId });
  if (!grant) return null;
  const now = await decision.now();
  if (grant.status === 'active' && grant.expiresAt <= now) await endGrant(decision, grant, { status: 'expired', now });
  return grant;
}
