import { externalSignInIsPossible } from '#access';
import { inSystemRole, Credential, type EntityManager, type Organization } from '#persistence';

/** Whether the person could use what is asked for: nothing is approved that nobody could open. */
export async function couldComeIn(
  em: EntityManager,
  customer: Pick<Organization, 'loginMethods' | 'foreignSignIn'>,
  accountId: string,
): Promise<boolean> {
  const hasPassword = await inSystemRole(em, async () => (await em.count(Credential, { accountId })) > 0);
  return externalSignInIsPossible(customer, { hasPassword });
}
