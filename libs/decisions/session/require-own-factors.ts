import { isAssured } from '#access';
import { Refusal } from '#contracts';
import { secondFactorsOf, type Principal } from '#identity';
import { databaseNow, type EntityManager } from '#persistence';

/**
 * Before somebody's own ways of signing in change. They open every organization of the person, so what one
 * organization's provider says may not add any; and a session that was left open or stolen proves too little, so the
 * person has just proven who they are, by all they have enrolled.
 */
export async function requireOwnFactors(em: EntityManager, person: Principal & { kind: 'account' }): Promise<void> {
  if (person.method === 'sso') throw new Refusal('own_factors_by_single_sign_on');
  const needed = (await secondFactorsOf(em, person.accountId)).length > 0 ? 'second_factor' : 'recent';
  if (!isAssured(person.assurance, needed, await databaseNow(em)))
    throw new Refusal('step_up_required', { needed, at: '/v1/sessions/current/proof' });
}
