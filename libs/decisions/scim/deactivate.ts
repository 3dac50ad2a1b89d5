import { inSystemRole, type EntityManager, type Membership } from '#persistence';

/** Whoever is no member any more reads as inactive in the directory's eyes, too, whoever removed them. */
export async function deactivateScimUser(
  em: EntityManager,
  { organizationId, accountId }: Pick<Membership, 'organizationId' | 'accountId'>,
): Promise<void> {
  await em.flush();
  // A directory's rows are in its own organization's sight alone, and a partner may be the one who removes.
  await inSystemRole(em, () =>
    em.execute(
      `update scim_user set active = false, account_id = ?, edition = edition + 1, changed_at = clock_timestamp()
        where organization_id = ? and active
          and (account_id = ? or invite_id in (select id from invite where accepted_by_id = ?))`,
      [accountId, organizationId, accountId, accountId],
    ),
  );
}
