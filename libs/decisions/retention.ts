import { asSystem, type Database } from '#persistence';

/** For how many days what is over is kept. */
export interface Retention {
  /** Sessions that ended, by their time or by hand. */
  sessions: number;
  /** Password resets and changes of address that are over, with the mails about them. */
  resets: number;
  /** What workflows were told of, once they know. */
  nudges: number;
}

/** Short transactions: nobody waits for a row because old ones go. */
const atOnce = 500;

/** Old rows of one kind, as a batch that no other worker is about to take. */
const oldest = (table: string, key: string, isOver: string): string =>
  `select ${key} from ${table} where ${isOver} limit ${atOnce} for update skip locked`;

const before = 'clock_timestamp() - make_interval(days => ?)';

/** A mail that is on its way is told of by its row and its nudge. */
const isMailed = (rowId: string) =>
  `exists (select 1 from mail_delivery mail where mail.row_id = ${rowId} and mail.status = 'planned')`;

/** With the mails about it: a workflow that looked again would find no row, and so sends none of them twice. */
const withMails = (table: string): string =>
  `with gone as (
     delete from ${table} where id in (
       ${oldest(table, 'id', `expires_at < ${before} and not ${isMailed(`${table}.id`)}`)}) returning id),
   mails as (delete from mail_delivery using gone where mail_delivery.row_id = gone.id)
   select id from gone`;

const kinds: readonly { of: keyof Retention; statement: string }[] = [
  {
    of: 'sessions',
    statement: `delete from session where id in (
      ${oldest('session', 'id', `coalesce(revoked_at, expires_at) < ${before}`)}) returning id`,
  },
  { of: 'resets', statement: withMails('password_reset') },
  { of: 'resets', statement: withMails('address_change') },
  {
    of: 'nudges',
    statement: `delete from workflow_nudge where workflow_id in (
      ${oldest(
        'workflow_nudge',
        'workflow_id',
        `requested_at < ${before} and delivered_revision >= requested_revision and not ${isMailed('workflow_nudge.row_id')}`,
      )}) returning workflow_id as id`,
  },
];

/**
 * Deletes what is over for longer than it is to be kept, in batches, until nothing is left or it is told to end. The trail,
 * grants and decided requests are not touched: they say who had access.
 */
export async function forgetWhatIsOver(database: Database, retention: Retention, signal: AbortSignal): Promise<number> {
  let forgotten = 0;
  for (const { of, statement } of kinds) {
    for (let found = atOnce; found === atOnce && !signal.aborted;) {
      const rows = await database.transaction(asSystem, (em) => em.execute<object[]>(statement, [retention[of]]));
      found = rows.length;
      forgotten += found;
    }
  }
  return forgotten;
}
