import { checkPasswordStrength } from '#identity';
import { Account, Address, Credential, Membership, Organization, type EntityManager } from '#persistence';

/** Judges a new password of somebody who has an account, by the names of the person and of every tenant of theirs. */
export async function checkPassword(em: EntityManager, accountId: string, password: string): Promise<void> {
  const account = await em.findOneOrFail(Account, { id: accountId });
  const addresses = await em.find(Address, { accountId });
  const credential = await em.findOne(Credential, { accountId });
  const memberships = await em.find(Membership, { accountId, removedAt: null });
  const organizations = await em.find(Organization, { id: { $in: memberships.map((row) => row.organizationId) } });
  await checkPasswordStrength(password, [
    account.displayName,
    ...addresses.map(({ address }) => address),
    ...(credential ? [credential.username] : []),
    ...organizations.flatMap(namesOfOrganization),
  ]);
}

/** What a tenant is called, in full and in short. */
export const namesOfOrganization = ({ name, slug, domains }: Pick<Organization, 'name' | 'slug' | 'domains'>) => [
  name,
  slug,
  ...domains,
];
