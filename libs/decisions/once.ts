import { Refusal } from '#contracts';
import { asSystem, IdempotencyRecord, type Database, type EntityManager } from '#persistence';

/** What makes two requests the same one. */
export interface Once {
  principal: string;
  route: string;
  key: string;
  bodyDigest: string;
}

const keptFor = '24 hours';

/**
 * Runs the work once per key: its answer is stored in the same transaction, and a repeated request gets it again. Two
 * at once: the second waits at the unique key until the first has committed.
 */
export async function onlyOnce<Answer>(
  em: EntityManager,
  once: Once | null,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (!once) return work();
  const { principal, route, key, bodyDigest } = once;
  await em.execute(
    `delete from idempotency_record
      where principal = ? and route = ? and key = ? and created_at < clock_timestamp() - interval '${keptFor}'`,
    [principal, route, key],
  );
  const [mine] = await em.execute<{ key: string }[]>(
    `insert into idempotency_record (principal, route, key, body_digest) values (?, ?, ?, ?)
     on conflict do nothing returning key`,
    [principal, route, key, bodyDigest],
  );
  if (!mine) return storedAnswer<Answer>(em, once);

  const answer = await work();
  await em.flush();
  // Kept as text: jsonb would reorder the keys, and the repeated answer must carry the same ETag.
  await em.execute(
    'update idempotency_record set response = to_jsonb(?::text) where principal = ? and route = ? and key = ?',
    [JSON.stringify(answer), principal, route, key],
  );
  return answer;
}

async function storedAnswer<Answer>(em: EntityManager, { principal, route, key, bodyDigest }: Once): Promise<Answer> {
  const stored = await em.findOne(IdempotencyRecord, { principal, route, key });
  if (typeof stored?.response !== 'string') throw new Refusal('idempotency_in_progress');
  if (stored.bodyDigest !== bodyDigest) throw new Refusal('idempotency_key_reused');
  const answer: Answer = JSON.parse(stored.response);
  return answer;
}

/** Answers name people, so what is older than a day goes, also where nobody uses the key again. */
export async function forgetOldAnswers(database: Database): Promise<void> {
  await database.transaction(asSystem, (em) =>
    em.execute(`delete from idempotency_record where created_at < clock_timestamp() - interval '${keptFor}'`),
  );
}
