import { access, isPartnerRole, isSupport, listedCustomers, permits, type CustomerList } from '#access';
import { Refusal, type CustomerQuery, type CustomerView } from '#contracts';
import { databaseNow, loadTarget, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { escapeLike } from '../organization/read.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';

/**
 * The partner's customers, all or the caller's own by what their roles list; newest first. Help desk finds a customer
 * by the people in it, too: that is the cross-organization search. Only the customer is shown, never the person.
 */
export async function listCustomers(
  em: EntityManager,
  actor: Actor,
  partnerId: string,
  { query, limit, cursor }: CustomerQuery,
): Promise<{ items: CustomerView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  const partner = await loadTarget(em, partnerId);
  const subject = await subjectOf(em, actor);
  const own = subject.memberships.find((membership) => membership.organizationId === partnerId);
  const support = isSupport(subject, now);
  if (!partner || (!own && !support)) throw new Refusal('not_found');
  if (partner.kind !== 'partner') throw new Refusal('not_a_partner');
  const list: CustomerList = support ? { scope: 'all' } : listedCustomers(subject, partnerId, now);
  // A partner administrator without customers has a list, if an empty one.
  if (list.scope === 'none' && !own?.administratorRoles.some(isPartnerRole)) throw new Refusal('forbidden');

  const searchesPeople = permits(access(subject, partner, 'partner.help_desk_view', now), 'read');
  const found = await selectCustomers(em, {
    partnerId,
    listed: list.scope === 'all' ? null : list.scope === 'some' ? [...list.customerIds] : [],
    wanted: query ? `%${escapeLike(query)}%` : null,
    searchesPeople,
    before: cursor ? decodeCursor(cursor) : null,
    limit: limit + 1,
  });
  const { rows, nextCursor } = pageOf(found, limit);
  const assigned = new Set([...(own?.assignedCustomerIds ?? []), ...(own?.provisioningCustomerIds ?? [])]);
  const items = rows.map(({ since, ...row }): CustomerView => ({
    ...row,
    kind: 'customer',
    since: new Date(since).toISOString(),
    assigned: assigned.has(row.id),
  }));
  return { items, nextCursor };
}

interface Wanted {
  partnerId: string;
  /** Null for all. */
  listed: string[] | null;
  /** Pattern for `ilike`; null for everything. */
  wanted: string | null;
  searchesPeople: boolean;
  before: string | null;
  limit: number;
}

type Found = Pick<CustomerView, 'id' | 'name' | 'slug' | 'domains' | 'restrictedMode' | 'relationshipId' | 'since'>;

/** From the partner's relationships in the order of their customers, so that a page reads little more than itself. */
async function selectCustomers(
  em: EntityManager,
  { partnerId, listed, wanted, searchesPeople, before, limit }: Wanted,
): Promise<Found[]> {
  const matches = [
    'customer.name ilike ?',
    'customer.slug ilike ?',
    'exists (select 1 from unnest(customer.domains) as domain where domain ilike ?)',
  ];
  if (searchesPeople)
    matches.push(
      `exists (select 1 from membership join account on account.id = membership.account_id
                where membership.organization_id = customer.id and membership.removed_at is null
                  and (account.email ilike ? or account.display_name ilike ?))`,
    );
  const patterns = (condition: string) => Array.from(condition.matchAll(/\?/g), () => wanted);
  return em.execute<Found[]>(
    `select customer.id, customer.name, customer.slug, customer.domains, customer.restricted_mode as "restrictedMode",
            relationship.id as "relationshipId", relationship.active_from as since
       from relationship join organization as customer on customer.id = relationship.customer_id
      where relationship.partner_id = ? and relationship.origin = 'provisioned'
        and relationship.active_from <= clock_timestamp()
        and (relationship.active_until is null or relationship.active_until > clock_timestamp())
        ${listed ? "and relationship.customer_id = any (string_to_array(?, ',')::uuid[])" : ''}
        ${before ? 'and relationship.customer_id < ?' : ''}
        ${wanted ? `and (${matches.join(' or ')})` : ''}
      order by relationship.customer_id desc limit ?`,
    [
      partnerId,
      ...(listed ? [listed.join(',')] : []),
      ...(before ? [before] : []),
      ...(wanted ? matches.flatMap(patterns) : []),
      limit,
    ],
  );
}
