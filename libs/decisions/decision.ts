import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { record, type Occurrence } from '#audit';
import {
  Refusal,
  workflowId as idOfWorkflow,
  type ErrorCode,
  type RefusalDetails,
  type WorkflowType,
} from '#contracts';
import {
  asSystem,
  databaseNow,
  type AuditActor,
  type AuditEvent,
  type Database,
  type EntityManager,
  type PersonalData,
  type TenancyContext,
} from '#persistence';
import { codeOfConstraint } from './constraints.ts';
import { requestNudge, type Nudge } from './nudges.ts';

/** Who decides: a person, a service, the support team, or the clock through a workflow. */
export interface Actor {
  kind: AuditActor['kind'];
  /** Account or API key; null for the clock and the bootstrap support token. */
  id: string | null;
  displayName?: string;
  tenancy: TenancyContext;
  /** The organizations a person's session opens; without a session in between, all they belong to. */
  openOrganizationIds?: readonly string[];
  sourceAddress?: string | undefined;
  /** The clock's workflow; it knows what it did and needs no nudge about it. */
  workflowId?: string | undefined;
}

/** What happens by time, decided by the workflow of that id or noticed on somebody's way. */
export function theClock(workflowId?: string): Actor {
  return { kind: 'clock', id: null, tenancy: asSystem, workflowId };
}

/** What every decision works with: one transaction, the clock of the database, the trail and the workflows. */
export interface Decision {
  em: EntityManager;
  actor: Actor;
  settings: DecisionSettings;
  /** The database's clock; ask after the locks are held. */
  now: () => Promise<Date>;
  /** Writes the audit event of a change into the transaction; `actor` where it only now turned out who acts. */
  record(occurrence: Omit<Occurrence, 'actor'> & { by?: string | undefined; actor?: Actor }): AuditEvent;
  /** Tells the row's workflow, after the commit, that the row changed. */
  nudge(workflowType: WorkflowType, rowId: string): Promise<void>;
}

export interface DecisionSettings {
  minimumDurationSeconds: number;
  /** Signs invite links. */
  inviteKey: Buffer;
  /** Seals single sign-on client secrets. */
  sealingKey: Buffer;
  /** Whether an unmanaged customer may be attached without its approval (domain 6). */
  attachWithoutApproval: boolean;
  /** Whether addresses that tenants choose may be in private networks. */
  allowPrivateAddresses: boolean;
}

export interface PrivilegedAct {
  action: string;
  organizationIds: readonly string[];
  subject: { kind: string; id: string };
  /** The true reason, where the answer must not tell it: what may not be seen is not found. */
  because?: string | undefined;
  /** Each organization gets an event of its own, which does not name the others. */
  isApart?: boolean;
}

/**
 * Hears, once it is committed, of every change and every refused act by the action the trail names it with: to count
 * them. Must neither take time nor throw.
 */
export type OnRecord = (action: string, outcome: 'success' | 'refused') => void;

/** A refusal that goes on record: somebody tried a privileged act and was not let. */
export class RefusedAct extends Refusal {
  constructor(
    code: ErrorCode,
    details: RefusalDetails,
    readonly act: PrivilegedAct,
  ) {
    super(code, details);
  }
}

/** By action, subject and outcome: what each side has an event of its own about happened once. */
type Recorded = Map<string, { action: string; outcome: 'success' | 'refused' }>;

/** Runs decisions: one transaction each, the refusal's event in one of its own, the nudges after the commit. */
export class Decisions {
  constructor(
    private readonly database: Database,
    private readonly settings: DecisionSettings,
    private readonly afterCommit: (nudges: readonly Nudge[]) => void,
    private readonly onRecord: OnRecord = () => {},
  ) {}

  async decide<T>(actor: Actor, work: (decision: Decision) => Promise<T>): Promise<T> {
    let nudges: Nudge[] = [];
    let recorded: Recorded = new Map();
    try {
      const result = await this.database.transaction(actor.tenancy, async (em) => {
        nudges = [];
        recorded = new Map();
        return work(this.decision(em, actor, nudges, recorded));
      });
      if (nudges.length > 0) this.afterCommit(nudges);
      for (const { action, outcome } of recorded.values()) this.onRecord(action, outcome);
      return result;
    } catch (error) {
      const refusal = this.refusalOf(error);
      if (refusal instanceof RefusedAct) await this.recordRefusal(actor, refusal);
      throw refusal ?? error;
    }
  }

  private decision(em: EntityManager, actor: Actor, nudges: Nudge[], recorded: Recorded): Decision {
    return {
      em,
      actor,
      settings: this.settings,
      now: () => databaseNow(em),
      record: ({ by, personal, actor: other, ...occurrence }) => {
        const who = other ?? actor;
        const { action, subject, outcome = 'success' } = occurrence;
        recorded.set(`${action} ${subject.id} ${outcome}`, { action, outcome });
        return record(em, { ...occurrence, actor: auditActor(who, by), personal: personalOf(who, personal) });
      },
      nudge: async (workflowType, rowId) => {
        if (idOfWorkflow(workflowType, rowId) === actor.workflowId) return;
        nudges.push(await requestNudge(em, workflowType, rowId));
      },
    };
  }

  /** Two at once: the unique index lets one through, the other gets the same answer as somebody who came later. */
  private refusalOf(error: unknown): Refusal | null {
    if (error instanceof Refusal) return error;
    if (error instanceof UniqueConstraintViolationException) {
      const code = codeOfConstraint(error.message);
      if (code) return new Refusal(code);
    }
    return null;
  }

  private async recordRefusal(actor: Actor, refusal: RefusedAct): Promise<void> {
    await this.database.transaction(asSystem, async (em) => {
      const { action, organizationIds, subject, because, isApart } = refusal.act;
      const at = await databaseNow(em);
      for (const sides of isApart ? organizationIds.map((id) => [id]) : [organizationIds]) {
        record(em, {
          action,
          actor: auditActor(actor),
          organizationIds: sides,
          subject,
          outcome: 'refused',
          facts: { code: because ?? refusal.code },
          personal: personalOf(actor),
          at,
        });
      }
    });
    this.onRecord(refusal.act.action, 'refused');
  }
}

function auditActor(actor: Actor, by?: string): AuditActor {
  return { kind: actor.kind, id: actor.id, ...(by && { by }) };
}

function personalOf(actor: Actor, personal: PersonalData = {}): PersonalData {
  const names = { ...personal.names, ...(actor.id && actor.displayName && { [actor.id]: actor.displayName }) };
  return {
    ...personal,
    ...(actor.sourceAddress && { sourceAddress: actor.sourceAddress }),
    ...(Object.keys(names).length > 0 && { names }),
  };
}
