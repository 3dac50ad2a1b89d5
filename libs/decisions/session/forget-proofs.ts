import { secondFactorsOf } from '#identity';
import { Session, type EntityManager } from '#persistence';

/** With the last of a person's own factors goes what their sessions had by it; what a provider said stays its word. */
export async function forgetProofs(em: EntityManager, accountId: string): Promise<void> {
  if ((await secondFactorsOf(em, accountId)).length > 0) return;
  await em.nativeUpdate(Session, { accountId, method: { $ne: 'sso' } }, { secondFactorAt: null });
}
