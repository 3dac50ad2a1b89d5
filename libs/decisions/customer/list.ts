import { access, isPartnerRole, isSupport, listedCustomers, permits, type CustomerList } from '#access';
import { Refusal, type CustomerQuery, type CustomerView } from '#contracts';
import { databaseNow, loadTarget, Organization, Relationship, type EntityManager } from '#persistence';
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

  const relationships = await em.find(Relationship, {
    partnerId,
    origin: 'provisioned',
    activeFrom: { $lte: now },
    $or: [{ activeUntil: null }, { activeUntil: { $gt: now } }],
    ...(list.scope !== 'all' && { customerId: { $in: list.scope === 'some' ? [...list.customerIds] : [] } }),
  });
  const relationshipOf = new Map(relationships.map((row) => [row.customerId, row]));
  const searchesPeople = permits(access(subject, partner, 'partner.help_desk_view', now), 'read');
  const wanted = query ? `%${escapeLike(query)}%` : null;
  const customerIds = [...relationshipOf.keys()];
  const ofPeople = wanted && searchesPeople ? await customersOfPeople(em, customerIds, wanted) : [];
  const rows = await em.find(
    Organization,
    {
      $and: [
        { id: { $in: customerIds }, kind: 'customer' },
        cursor ? { id: { $lt: decodeCursor(cursor) } } : {},
        wanted
          ? {
              $or: [
                { name: { $ilike: wanted } },
                { slug: { $ilike: wanted } },
                { id: { $in: [...ofPeople, ...(await customersOfDomains(em, customerIds, wanted))] } },
              ],
            }
          : {},
      ],
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  const assigned = new Set([...(own?.assignedCustomerIds ?? []), ...(own?.provisioningCustomerIds ?? [])]);
  const items = kept.flatMap((row): CustomerView[] => {
    const relationship = relationshipOf.get(row.id);
    if (!relationship) return [];
    return [
      {
        id: row.id,
        kind: 'customer',
        name: row.name,
        slug: row.slug,
        domains: row.domains,
        restrictedMode: row.restrictedMode,
        relationshipId: relationship.id,
        since: relationship.activeFrom.toISOString(),
        assigned: assigned.has(row.id),
      },
    ];
  });
  return { items, nextCursor };
}

async function customersOfPeople(em: EntityManager, customerIds: string[], wanted: string): Promise<string[]> {
  if (customerIds.length === 0) return [];
  const rows = await em.execute<{ id: string }[]>(
    `select distinct membership.organization_id as id
       from membership join account on account.id = membership.account_id
      where membership.removed_at is null and membership.organization_id = any (string_to_array(?, ',')::uuid[])
        and (account.email ilike ? or account.display_name ilike ?)`,
    [customerIds.join(','), wanted, wanted],
  );
  return rows.map(({ id }) => id);
}

async function customersOfDomains(em: EntityManager, customerIds: string[], wanted: string): Promise<string[]> {
  if (customerIds.length === 0) return [];
  const rows = await em.execute<{ id: string }[]>(
    `select id from organization
      where id = any (string_to_array(?, ',')::uuid[])
        and exists (select 1 from unnest(domains) as domain where domain ilike ?)`,
    [customerIds.join(','), wanted],
  );
  return rows.map(({ id }) => id);
}
