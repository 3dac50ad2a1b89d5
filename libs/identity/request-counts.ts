import { createHash } from 'node:crypto';
import { asSystem, type Database } from '#persistence';

/** Requests of one caller in one window that a process has let through and told nobody of. */
export interface RequestsMade {
  /** Of the caller: their principal or network. */
  key: string;
  hits: number;
  windowMilliseconds: number;
}

/** What all processes have told of a window so far. */
export interface RequestsKnown {
  key: string;
  hits: number;
  millisecondsLeft: number;
}

/** Adds to what the processes have told each other, in one statement, and answers with the sums. */
export async function addRequests(database: Database, made: readonly RequestsMade[]): Promise<RequestsKnown[]> {
  // Digests: nobody reads here from where somebody came. In one order, so that two processes never wait for each other.
  const keyOf = new Map(made.map(({ key }) => [digestOf(key), key]));
  const rows = made
    .map(({ key, hits, windowMilliseconds }) => ({ key: digestOf(key), hits, milliseconds: windowMilliseconds }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
  const known = await database.transaction(asSystem, async (em) => {
    await em.execute(
      `delete from request_count where key in (
         select key from request_count where window_ends_at < clock_timestamp() - interval '1 minute'
          order by key limit 100 for update skip locked)`,
    );
    return em.execute<RequestsKnown[]>(
      `insert into request_count as present (key, hits, window_ends_at)
       select key, hits, clock_timestamp() + make_interval(secs => milliseconds / 1000.0)
         from jsonb_to_recordset(?::jsonb) as made (key text, hits int, milliseconds int)
       on conflict (key) do update set
         hits = case when present.window_ends_at <= clock_timestamp() then excluded.hits else present.hits + excluded.hits end,
         window_ends_at = case when present.window_ends_at <= clock_timestamp()
                               then excluded.window_ends_at else present.window_ends_at end
       returning key, hits,
         ceil(extract(epoch from window_ends_at - clock_timestamp()) * 1000)::int as "millisecondsLeft"`,
      [JSON.stringify(rows)],
    );
  });
  return known.map((one) => ({ ...one, key: keyOf.get(one.key) ?? one.key }));
}

const digestOf = (key: string) => createHash('sha256').update(key).digest('base64url');
