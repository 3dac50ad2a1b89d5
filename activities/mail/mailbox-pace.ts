import { createHash } from 'node:crypto';
import { normalizeAddress } from '#contracts';
import type { MailKind, OutgoingMail } from '#mail';
import type { EntityManager } from '#persistence';

/** What somebody else causes by asking or inviting. What a person must hear of their own account never waits behind it. */
const causedByOthers = (kind: MailKind): boolean =>
  kind === 'account.address-change' || kind.startsWith('invite.') || /\.(?:requested|reminder|opened)$/.test(kind);

const keyOf = ({ to }: OutgoingMail): string =>
  `mail:mailbox:${createHash('sha256').update(normalizeAddress(to)).digest('base64url')}`;

export interface Paced<Mail> {
  /** May go out now; each has taken a place of the hour's. */
  now: Mail[];
  /** Must wait, as their mailboxes have had as many as an hour allows. */
  later: Mail[];
  /** Seconds until the first of those may go out. */
  secondsLeft: number;
}

/** Sees to it that no mailbox gets more than so many mails an hour about what others ask, whoever asks and whichever worker sends. */
export async function takePlaces<Mail extends { outgoing: OutgoingMail }>(
  em: EntityManager,
  mails: readonly Mail[],
  perHour: number,
): Promise<Paced<Mail>> {
  const counted = mails.filter(({ outgoing }) => causedByOthers(outgoing.kind));
  // In one order, so that two workers never wait for each other.
  const keys = [...new Set(counted.map(({ outgoing }) => keyOf(outgoing)))].sort();
  if (keys.length === 0) return { now: [...mails], later: [], secondsLeft: 0 };
  const free = await em.execute<{ key: string }[]>(
    `insert into failed_attempt as present (key, failures, window_ends_at)
     select key, 1, clock_timestamp() + interval '1 hour' from jsonb_array_elements_text(?::jsonb) as key
     on conflict (key) do update set
       failures = case when present.window_ends_at <= clock_timestamp() then 1 else present.failures + 1 end,
       window_ends_at = case when present.window_ends_at <= clock_timestamp()
                             then excluded.window_ends_at else present.window_ends_at end
       where present.window_ends_at <= clock_timestamp() or present.failures < ?
     returning key`,
    [JSON.stringify(keys), perHour],
  );
  const hasPlace = new Set(free.map(({ key }) => key));
  const mayGo = ({ outgoing }: Mail) => !causedByOthers(outgoing.kind) || hasPlace.has(keyOf(outgoing));
  const later = mails.filter((one) => !mayGo(one));
  return { now: mails.filter(mayGo), later, secondsLeft: later.length === 0 ? 0 : await secondsLeft(em, later) };
}

/** What did not go out has not come to anybody: its place is free again. */
export async function returnPlaces(em: EntityManager, mails: readonly { outgoing: OutgoingMail }[]): Promise<void> {
  const keys = mails.filter(({ outgoing }) => causedByOthers(outgoing.kind)).map(({ outgoing }) => keyOf(outgoing));
  if (keys.length === 0) return;
  await em.execute(
    `update failed_attempt set failures = failures - 1 where failures > 0 and key in (
       select key from failed_attempt where key in (select jsonb_array_elements_text(?::jsonb)) order by key for update)`,
    [JSON.stringify(keys.sort())],
  );
}

async function secondsLeft(em: EntityManager, mails: readonly { outgoing: OutgoingMail }[]): Promise<number> {
  const [row] = await em.execute<{ seconds: number | null }[]>(
    `select ceil(extract(epoch from min(window_ends_at) - clock_timestamp()))::int as seconds
       from failed_attempt where key in (select jsonb_array_elements_text(?::jsonb))`,
    [JSON.stringify(mails.map(({ outgoing }) => keyOf(outgoing)))],
  );
  return Math.max(1, row?.seconds ?? 1);
}
