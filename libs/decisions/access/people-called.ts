import type { EntityManager } from '#persistence';
import { escapeLike } from '../organization/read.ts';

const mostPeople = 100;

/**
 * Accounts whose name or address has the text in it, among those who have to do with the organization: its people, past ones
 * and external ones included, and those of its partners and customers.
 */
export async function peopleCalled(em: EntityManager, organizationId: string, text: string): Promise<string[]> {
  const pattern = `%${escapeLike(text)}%`;
  const rows = await em.execute<{ id: string }[]>(
    `select distinct membership.account_id as id
       from membership join account on account.id = membership.account_id
      where membership.organization_id in (
              select ?::uuid
              union select partner_id from relationship where customer_id = ?
              union select customer_id from relationship where partner_id = ?)
        and (account.display_name ilike ? or account.email ilike ?)
      limit ?`,
    [organizationId, organizationId, organizationId, pattern, pattern, mostPeople],
  );
  return rows.map(({ id }) => id);
}
