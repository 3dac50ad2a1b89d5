import type { EvaluationResponse } from '#contracts';
import type { EntityManager } from '#persistence';

/** The temporary accesses that let an answer be yes. */
export const grantsBehind = ({ decision, context }: EvaluationResponse): string[] =>
  decision
    ? [...new Set(context.reasons.filter(({ kind }) => kind === 'grant' || kind === 'session').map(({ id }) => id))]
    : [];

/** Adds to how often each access let somebody do something. One lock at a time, so that nobody waits in a circle. */
export async function addEvaluations(em: EntityManager, grantId: string, count: number): Promise<void> {
  await em.execute('update "grant" set evaluations = evaluations + ? where id = ?', [count, grantId]);
}
