import { knowsOf, type Subject } from '#access';
import { Refusal } from '#contracts';
import { databaseNow, loadTarget, Relationship, type EntityManager } from '#persistence';

interface Found {
  items: unknown[];
}

/**
 * A list about organizations that the caller names. Nothing found is told as an empty list only to whoever sees that the
 * organization is there: to everybody else it is 404, and not "nobody has access".
 *
 * @param list reads the list of the query, and of the names alone: what somebody had there once shows them that it is there.
 */
export async function listAbout<Query extends { limit: number }, List extends Found>(
  em: EntityManager,
  viewer: Subject,
  query: Query,
  names: readonly (keyof Query & string)[],
  list: (query: Query) => Promise<List>,
): Promise<List> {
  const found = await list(query);
  const named = names.flatMap((name) => (typeof query[name] === 'string' ? [query[name]] : []));
  if (found.items.length > 0 || named.length === 0) return found;
  const now = await databaseNow(em);
  for (const id of named) {
    if (await isKnown(em, viewer, id, now)) continue;
    const onlyNamed = Object.fromEntries(names.map((name) => [name, query[name]]));
    if ((await list({ ...onlyNamed, limit: 1 } as unknown as Query)).items.length > 0) return found;
    throw new Refusal('not_found');
  }
  return found;
}

async function isKnown(em: EntityManager, viewer: Subject, id: string, now: Date): Promise<boolean> {
  const target = await loadTarget(em, id);
  if (!target) return false;
  const own = viewer.memberships.map(({ organizationId }) => organizationId);
  const asPartner = await em.find(Relationship, { partnerId: id, customerId: { $in: own } });
  return knowsOf(
    viewer,
    target,
    asPartner.map(({ customerId }) => customerId),
    now,
  );
}
