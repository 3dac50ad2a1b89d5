import type { WorkflowType } from '#contracts';
import { asSystem, type Database } from '#persistence';
import { countOverdue } from './unfinished-work.ts';

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
  pendingElevations: number;
  pendingExternalAdministrators: number;
  pendingChangeRequests: number;
  pendingInvites: number;
  /** What no workflow has seen to though its time came half a minute ago. */
  overdueElevations: number;
  overdueHelpDeskSessions: number;
  overdueExternalAdministrators: number;
  overdueInvites: number;
  overdueInviteBatches: number;
  failingWebhooks: number;
  /** By the service, not by hand. */
  disabledWebhooks: number;
}

/** Milliseconds; figures for operators are not worth holding up a database that has trouble. */
const longestStatement = 2_000;

const ageOfOldest = (instant: string, rows: string) =>
  `select coalesce(greatest(extract(epoch from clock_timestamp() - min(${instant})), 0), 0) from ${rows}`;

const unsealed = 'audit_event where sealed_at is null';
const undelivered = 'workflow_nudge where delivered_revision < requested_revision';
const open = `status = 'pending'`;
const overdue = (type: WorkflowType) => countOverdue(type, '30 seconds');

/** Each reads a partial index, so the figures cost what is open and not what there ever was. */
const statements: Readonly<Record<keyof Backlog, string>> = {
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
  pendingElevations: `select count(*) from elevation where ${open} and decide_by > clock_timestamp()`,
  pendingExternalAdministrators: `select count(*) from external_administrator_request where ${open} and decide_by > clock_timestamp()`,
  pendingChangeRequests: `select count(*) from change_request where ${open} and decide_by > clock_timestamp()`,
  pendingInvites: `select count(*) from invite where ${open} and expires_at > clock_timestamp()`,
  overdueElevations: overdue('elevation'),
  overdueHelpDeskSessions: overdue('helpDeskSession'),
  overdueExternalAdministrators: overdue('externalAdministrator'),
  overdueInvites: overdue('invite'),
  overdueInviteBatches: overdue('inviteBatch'),
  failingWebhooks: 'select count(*) from webhook where enabled and failures > 0',
  disabledWebhooks: `select count(*) from webhook where not enabled and disabled_reason <> 'by_hand'`,
};

function live(kind: string): string {
  return `select count(*) from "grant" where kind = '${kind}' and status = 'active' and expires_at > clock_timestamp()`;
}

const everything = `select ${Object.entries(statements)
  .map(([figure, statement]) => `(${statement})::float8 as "${figure}"`)
  .join(', ')}`;

/** Reads all figures with one statement, by the database's clock. Rejects where the database is away or takes too long. */
export async function readBacklog(database: Database): Promise<Backlog> {
  return database.transaction(asSystem, async (em) => {
    await em.execute(`set local statement_timeout = ${longestStatement}`);
    const [row] = await em.execute<Backlog[]>(everything);
    if (!row) throw new Error('The database told no figures');
    return row;
  });
}
