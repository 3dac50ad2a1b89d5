import { inSystemRole, type EntityManager } from '#persistence';

/**
 * Ends the sessions of a person that open nothing but one organization: those made by its single sign-on, and with
 * `whereOnlyOne` every one of somebody who belongs to no other. What one tenant does to a person of several stays there.
 */
export async function endSessionsAt(
  em: EntityManager,
  {
    accountId,
    organizationId,
    now,
    whereOnlyOne = false,
  }: { accountId: string; organizationId: string; now: Date; whereOnlyOne?: boolean },
): Promise<void> {
  await em.flush();
  await inSystemRole(em, async () => {
    await em.execute(
      `update session set revoked_at = ?
        where account_id = ? and revoked_at is null
          and (organization_id = ?
               or ? and not exists (select 1 from membership
                               where membership.account_id = session.account_id and membership.removed_at is null
                                 and membership.organization_id <> ?))`,
      [now, accountId, organizationId, whereOnlyOne, organizationId],
    );
    await em.execute('delete from session_code where account_id = ? and organization_id = ?', [
      accountId,
      organizationId,
    ]);
  });
}
