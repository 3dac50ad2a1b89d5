import { asSystem, type Database } from '#persistence';
import { approvalFlows } from './approval/registry.ts';
import { countsOfOverdue } from './unfinished-work.ts';

/** What waits, lives or went wrong in the whole service, for its operators: numbers alone, nobody's in particular. */
export interface Backlog {
  unsealedEvents: number;
  oldestUnsealedSeconds: number;
  undeliveredNudges: number;
  oldestNudgeSeconds: number;
  plannedMails: number;
  oldestPlannedMailSeconds: number;
  /** Given up and not tried anew since. */
  undeliverableMails: number;
  liveElevations: number;
  liveHelpDeskSessions: number;
  pendingInvites: number;
  failingWebhooks: number;
  /** By the service, not by hand. */
  disabledWebhooks: number;
  /** Open requests that are not overdue, by flow. */
  pending: Readonly<Record<string, number>>;
  /** What no workflow has seen to though its time came half a minute ago, by workflow. */
  overdue: Readonly<Record<string, number>>;
}

type Figures = Omit<Backlog, 'pending' | 'overdue'>;

/** Milliseconds; figures for operators are not worth holding up a database that has trouble. */
const longestStatement = 2_000;

const ageOfOldest = (instant: string, rows: string) =>
  `select coalesce(greatest(extract(epoch from clock_timestamp() - min(${instant})), 0), 0) from ${rows}`;

const unsealed = 'audit_event where sealed_at is null';
const undelivered = 'workflow_nudge where delivered_revision < requested_revision';
const open = `status = 'pending'`;

/** Each reads a partial index, so the figures cost what is open and not what there ever was. */
const statements: Readonly<Record<keyof Figures, string>> = {
  unsealedEvents: `select count(*) from ${unsealed}`,
  oldestUnsealedSeconds: ageOfOldest('at', unsealed),
  undeliveredNudges: `select count(*) from ${undelivered}`,
  oldestNudgeSeconds: ageOfOldest('requested_at', undelivered),
  plannedMails: `select count(*) from mail_delivery where status = 'planned'`,
  oldestPlannedMailSeconds: ageOfOldest('created_at', "mail_delivery where status = 'planned'"),
  undeliverableMails: `select count(*) from mail_delivery mail where status = 'undeliverable' and not exists (
    select 1 from mail_delivery newer
     where newer.kind = mail.kind and newer.row_id = mail.row_id and newer.recipient_key = mail.recipient_key
       and newer.edition > mail.edition)`,
  liveElevations: live('elevation'),
  liveHelpDeskSessions: live('help_desk_session'),
  pendingInvites: `select count(*) from invite where ${open} and expires_at > clock_timestamp()`,
  failingWebhooks: 'select count(*) from webhook where enabled and failures > 0',
  disabledWebhooks: `select count(*) from webhook where not enabled and disabled_reason <> 'by_hand'`,
};

function live(kind: string): string {
  return `select count(*) from "grant" where kind = '${kind}' and status = 'active' and expires_at > clock_timestamp()`;
}

/** Figures there are of each flow and of each workflow, as columns that read like the way to them. */
function listed(): [column: string, statement: string][] {
  return [
    ...approvalFlows.map(({ feature, table }): [string, string] => [
      `pending.${feature}`,
      `select count(*) from "${table}" where ${open} and decide_by > clock_timestamp()`,
    ]),
    ...countsOfOverdue('30 seconds').map(([type, statement]): [string, string] => [`overdue.${type}`, statement]),
  ];
}

/** Reads all figures with one statement, by the database's clock. Rejects where the database is away or takes too long. */
export async function readBacklog(database: Database): Promise<Backlog> {
  return database.transaction(asSystem, async (em) => {
    await em.execute(`set local statement_timeout = ${longestStatement}`);
    const columns = [...Object.entries(statements), ...listed()];
    const everything = columns.map(([column, statement]) => `(${statement})::float8 as "${column}"`).join(', ');
    const [row] = await em.execute<(Figures & Record<string, number>)[]>(`select ${everything}`);
    if (!row) throw new Error('The database told no figures');
    const under = (list: string) =>
      Object.fromEntries(
        Object.entries(row).flatMap(([column, count]) => {
          const [of, name] = column.split('.');
          return of === list && name ? [[name, count]] : [];
        }),
      );
    return { ...row, pending: under('pending'), overdue: under('overdue') };
  });
}
