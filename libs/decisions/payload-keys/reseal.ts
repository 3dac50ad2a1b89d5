import { deriveKeys, keyIdOf, type Keys } from '#config';
import { seal, unseal } from '#identity';
import { asSystem, type Database } from '#persistence';
import { sealedPlaces, type SealedPlace } from './places.ts';

export interface Resealed {
  what: string;
  rows: number;
}

const atOnce = 100;

/**
 * Seals with the first of the keys what others of them have sealed, some rows a transaction, while the service works. The
 * same again finds nothing. Rejects at what none of the keys opens.
 */
export async function reseal(database: Database, keys: Keys): Promise<Resealed[]> {
  const sealingKeys = deriveKeys(keys, 'stored-secrets');
  const done: Resealed[] = [];
  for (const place of sealedPlaces)
    done.push({ what: place.what, rows: await resealPlace(database, sealingKeys, place) });
  return done;
}

/** SQL that holds for rows in which something is sealed with another key than the one of this id's `id.%`. */
export const isSealedByOther = ({ texts, where = 'true' }: SealedPlace): string =>
  `${where} and exists (select 1 from (${texts}) sealed where sealed.text not like ?)`;

async function resealPlace(database: Database, keys: Keys, place: SealedPlace): Promise<number> {
  const { table, id, column, isJson } = place;
  for (let rows = 0; ;) {
    const found = await database.transaction(asSystem, async (em) => {
      const some = await em.execute<{ id: string; content: string }[]>(
        `select ${id} as id, ${column}::text as content from ${table}
          where ${isSealedByOther(place)} order by ${id} limit ${atOnce} for update`,
        [`${keyIdOf(keys[0])}.%`],
      );
      for (const row of some) {
        const content = isJson
          ? JSON.stringify(resealedWithin(keys, JSON.parse(row.content)))
          : anew(keys, row.content);
        await em.execute(`update ${table} set ${column} = ?${isJson ? '::jsonb' : ''} where ${id} = ?`, [
          content,
          row.id,
        ]);
      }
      return some.length;
    });
    rows += found;
    if (found < atOnce) return rows;
  }
}

const anew = (keys: Keys, sealed: string): string => seal(keys, unseal(keys, sealed));

const sealedMembers = ['sealed', 'sealedClientSecret'];

function resealedWithin(keys: Keys, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => resealedWithin(keys, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      sealedMembers.includes(name) && typeof member === 'string' ? anew(keys, member) : resealedWithin(keys, member),
    ]),
  );
}
