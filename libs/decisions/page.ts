import type { EntityName, FilterQuery } from '@mikro-orm/postgresql';
import { Refusal } from '#contracts';
import type { EntityManager } from '#persistence';

/** Cursors are opaque to clients: the id of the last item, since ids are in order of creation. */
export function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new Refusal('invalid_cursor');
  return id;
}

/** Cuts the one row too many that was read to see whether there is more. */
export function pageOf<Row extends { id: string }>(
  rows: Row[],
  limit: number,
): { rows: Row[]; nextCursor: string | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { rows: kept, nextCursor: rows.length > limit && last ? encodeCursor(last.id) : null };
}

/**
 * The newest rows for which any of the sights holds, at most `limit`. Each sight is asked for by itself, so that an
 * index ending in the id answers it; one question with `or` would read everything anybody may see, and sort it.
 */
export async function newestOf<Row extends { id: string }>(
  em: EntityManager,
  entity: EntityName<Row>,
  sights: readonly FilterQuery<NoInfer<Row>>[],
  filter: FilterQuery<NoInfer<Row>>,
  limit: number,
): Promise<Row[]> {
  const found = new Map<string, Row>();
  for (const sight of sights) {
    const rows = await em.find(entity, { $and: [sight, filter] } as FilterQuery<Row>, {
      orderBy: { id: 'desc' } as never,
      limit,
    });
    for (const row of rows) found.set(row.id, row);
  }
  return [...found.values()].sort((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit);
}
