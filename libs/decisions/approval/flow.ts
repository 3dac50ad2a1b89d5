import type { EntityClass } from '@mikro-orm/postgresql';
import type { ApprovalParties, ApprovalStatus, RecordedStanding, Ruling, Subject } from '#access';
import type { ErrorCode, RefusalDetails, WorkflowType } from '#contracts';
import type { Database, EntityManager, Standing, TenancyContext } from '#persistence';
import type { Affected } from '../affected.ts';
import type { Actor, Decision } from '../decision.ts';
import type { MailSight } from '../mail-delivery/index.ts';
import type { PrivilegedAct } from '../refuse-act.ts';

/** Something that happened to a case, for the trail. */
export interface Deed {
  /** Past tense: the event is `<feature>.<verb>`. */
  verb: string;
  by?: string | undefined;
  facts?: Record<string, unknown>;
  /** Of whatever gives access, what the deed changed. */
  standing?: RecordedStanding;
  /** What somebody wrote. */
  reason?: string | undefined;
  grantId?: string | undefined;
  at: Date;
  /** Where it only now turned out who acts: the clock, on somebody's way. */
  actor?: Actor;
  /** What the acting person holds, where it matters to whom the event is told. */
  viewer?: Subject;
  /** Which precondition went, where nobody chose this. */
  cause?: string;
}

/** A case between two sides, opened and acted on in one way: sight, lock, right, precondition, change. */
export interface CaseFlow<Row extends { id: string } = { id: string }, View = unknown> {
  /** The one name in every room: of events, mails, routes and workflow ids. */
  readonly feature: string;
  readonly workflowType: WorkflowType;
  readonly entity: EntityClass<Row>;
  /**
   * Whose eyes the decision has. `system`: neither side reads the other's people, so once the row was found in the
   * caller's own sight the transaction goes on as the system.
   */
  readonly tenancy: 'caller' | 'system';
  parties(row: Row): ApprovalParties;
  maySee(subject: Subject, parties: ApprovalParties, now: Date): Ruling;
  /** Locks rows the decision changes that come before the case in the order of locks. */
  lockFirst?(em: EntityManager, row: Row): Promise<unknown>;
  /** Writes the event of a deed, for whoever may read of it. */
  record(decision: Decision, row: Row, deed: Deed): Promise<void> | void;
  /** On whose record an attempt of this person goes. */
  refusal(row: Row, actor: Subject): Pick<PrivilegedAct, 'organizationIds' | 'isApart'>;
  mailSight(row: Row, viewer: Subject, now: Date): MailSight;
  /** `deciders`: the standing of those who may decide, where it is in hand. */
  view(em: EntityManager, viewer: Subject, row: Row, now: Date, deciders?: Standing): Promise<View>;
  /** As `readCase`, where a flow finds and shows its row at once. */
  read?(database: Database, tenancy: TenancyContext, viewer: Subject, id: string, now: Date): Promise<View>;
}

/** What every request has in common, whatever is asked for. */
export interface ApprovalRow {
  id: string;
  requesterId: string;
  status: ApprovalStatus;
  createdAt: Date;
  decideBy: Date;
  decidedAt?: Date | null | undefined;
  decidedById?: string | null | undefined;
  decisionReason?: string | null | undefined;
  unexpected: boolean;
}

/** A case that somebody else decides: what a flow says about itself; all the rest stands once, beside this. */
export interface ApprovalFlow<Row extends ApprovalRow = ApprovalRow, Terms = unknown, View = unknown> extends CaseFlow<
  Row,
  View
> {
  /** Where its rows are: what is open and what is overdue is counted there. */
  readonly table: string;
  /** The refusal of a decision that comes too late. */
  readonly notPending: ErrorCode;
  /** The unique index that lets one request be open, and the refusal of a second one. */
  readonly oneOpen: { readonly index: string; readonly code: ErrorCode };
  mayDecide(judged: { inSession: Subject; inAll: Subject }, parties: ApprovalParties, now: Date): Ruling;
  mayWithdraw(subject: Subject, parties: ApprovalParties): Ruling;
  /** Whether whoever asked may still ask: judged at the approval, and when a right they had is taken away. */
  entitlement(em: EntityManager, row: Row, now: Date, standing?: Standing): Promise<Ruling>;
  /** Which open requests may lose their ground with a right, as a condition on their rows; null where none can. */
  restingOn(affected: Affected): object | null;
  /** Whether the approval that stands is the one these terms would have made. */
  isSameApproval(decision: Decision, row: Row, terms: Terms): Promise<boolean> | boolean;
  /** Judges the terms and does what an approval does, its event included; the frame writes the decision itself. */
  approve(decision: Decision, approval: Approval<Row>, terms: Terms): Promise<void>;
}

/** A case locked for an act, with all that the rules look at, read under the locks. */
export interface Opened<Row> {
  row: Row;
  parties: ApprovalParties;
  /** What the acting person's session opens. */
  actor: Subject;
  /** Both sides, and the organization that decides. */
  standing: Standing;
  now: Date;
}

/** A pending request of somebody who may still ask, about to be approved by somebody who may. */
export interface Approval<Row> extends Opened<Row> {
  /** The standing that lets them. */
  by: string;
  /** Refuses the terms, on record. */
  refuse: (code: string, details?: RefusalDetails) => never;
}
