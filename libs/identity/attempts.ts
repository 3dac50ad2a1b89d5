import { createHash } from 'node:crypto';
import { Refusal } from '#contracts';
import { asSystem, FailedAttempt, type Database, type EntityManager } from '#persistence';
import { networkOf } from './network.ts';

/** How many tries in vain a name and a network have within a window. */
export interface AttemptLimits {
  /** Separates what is counted: sign-in, password reset. */
  kind: string;
  perName: number;
  perNetwork: number;
  windowSeconds: number;
}

/** Whose tries are counted together. A name counts as it was typed: whether it belongs to anybody makes no difference. */
export interface Attempt {
  /** Absent where nobody is named: then the network alone counts. */
  name?: string | undefined;
  sourceAddress?: string | undefined;
  /**
   * A browser in which this name has proven itself before. It counts alone, with as many tries as a name has: what
   * strangers do to the name or within the network shuts nobody out of it.
   */
  knownDevice?: string | undefined;
}

interface Counter {
  failures: number;
  secondsLeft: number;
}

/** Refuses with `too_many_requests` where the name or the network has no try left; counts nothing. */
export async function requireAttemptLeft(database: Database, limits: AttemptLimits, attempt: Attempt): Promise<void> {
  await database.transaction(asSystem, (em) => requireAttemptLeftIn(em, limits, attempt));
}

/** The same within a transaction that goes on to read what the try is about. */
export async function requireAttemptLeftIn(em: EntityManager, limits: AttemptLimits, attempt: Attempt): Promise<void> {
  const keys = keysOf(limits, attempt);
  const counters = await em.execute<(Counter & { key: string })[]>(
    `select key, failures, ${secondsLeft} from failed_attempt
      where key in (${keys.map(() => '?').join(', ')}) and window_ends_at > clock_timestamp()`,
    keys.map(({ key }) => key),
  );
  refuseAbove(keys.map(({ key, most }) => ({ most: most - 1, counter: counters.find((one) => one.key === key) })));
}

/**
 * Counts a try and refuses with `too_many_requests` above the limits. Of many tries at once each is counted, so no more
 * answers than the limit say whether they were right. In the database, because several processes answer. What
 * `note` writes of the try is written with its count.
 */
export async function countAttempt(
  database: Database,
  limits: AttemptLimits,
  attempt: Attempt,
  note: (em: EntityManager) => Promise<void> = async () => {},
): Promise<void> {
  const counted = await database.transaction(asSystem, async (em) => {
    const results: Count[] = [];
    await note(em);
    for (const { key, most } of keysOf(limits, attempt)) {
      const [counter] = await em.execute<Counter[]>(
        `insert into failed_attempt as present (key, failures, window_ends_at)
         values (?, 1, clock_timestamp() + make_interval(secs => ?))
         on conflict (key) do update set
           failures = case when present.window_ends_at <= clock_timestamp() then 1 else present.failures + 1 end,
           window_ends_at = case when present.window_ends_at <= clock_timestamp()
                                 then excluded.window_ends_at else present.window_ends_at end
         returning failures, ${secondsLeft}`,
        [key, limits.windowSeconds],
      );
      results.push({ counter, most });
    }
    return results;
  });
  refuseAbove(counted);
}

/** The right answer: the name, or the browser it is known in, starts afresh. */
export async function forgiveName(database: Database, limits: AttemptLimits, attempt: Attempt): Promise<void> {
  await database.transaction(asSystem, async (em) => {
    await em.nativeDelete(FailedAttempt, { key: keysOf(limits, attempt)[0]?.key ?? '' });
    // A good moment to sweep: only those who know a password pay for it.
    await em.execute(
      `delete from failed_attempt where key in (
         select key from failed_attempt where window_ends_at < clock_timestamp() limit 100 for update skip locked)`,
    );
  });
}

interface Count {
  counter: Counter | undefined;
  most: number;
}

const secondsLeft = `ceil(extract(epoch from window_ends_at - clock_timestamp()))::int as "secondsLeft"`;

function refuseAbove(counts: readonly Count[]): void {
  const waits = counts.flatMap(({ counter, most }) =>
    counter && counter.failures > most ? [counter.secondsLeft] : [],
  );
  if (waits.length > 0) throw new Refusal('too_many_requests', { retryAfterSeconds: Math.max(1, ...waits) });
}

/** The names start afresh. */
export async function forgetAttempts(
  em: EntityManager,
  limits: AttemptLimits,
  names: readonly string[],
): Promise<void> {
  const keys = names.flatMap((name) => keysOf(limits, { name }).map(({ key }) => key));
  await em.nativeDelete(FailedAttempt, { key: { $in: keys } });
}

/** Always in this order, name before network, so that two never wait for each other. */
function keysOf(
  { kind, perName, perNetwork }: AttemptLimits,
  { name, sourceAddress, knownDevice }: Attempt,
): { key: string; most: number }[] {
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  if (name !== undefined && knownDevice !== undefined)
    return [{ key: `${kind}:device:${digest(`${knownDevice} ${name}`)}`, most: perName }];
  return [
    ...(name === undefined ? [] : [{ key: `${kind}:name:${digest(name)}`, most: perName }]),
    ...(sourceAddress === undefined
      ? []
      : [{ key: `${kind}:network:${digest(networkOf(sourceAddress))}`, most: perNetwork }]),
  ];
}
