import { UniqueConstraintViolationException } from '@mikro-orm/postgresql';
import { eventOf, record, type WrittenEvent } from '#audit';
import { Refusal, workflowId as idOfWorkflow } from '#contracts';
import {
  asSystem,
  databaseNow,
  type AuditActor,
  type Database,
  type EntityManager,
  type PersonalData,
} from '#persistence';
import { codeOfConstraint } from './constraints.ts';
import type { Actor, Decision, DecisionSettings } from './decision.ts';
import { concludeWith, type Nudge, type NudgeRequest } from './nudges.ts';
import { RefusedAct } from './refuse-act.ts';

/**
 * Hears, once it is committed, of every change and every refused act by the action the trail names it with: to count
 * them. Must neither take time nor throw.
 */
export type OnRecord = (action: string, outcome: 'success' | 'refused') => void;

/** By action, subject and outcome: what each side has an event of its own about happened once. */
type Counted = Map<string, { action: string; outcome: 'success' | 'refused' }>;

/** What the last statement of a decision writes, and what is told once that has been committed. */
interface LastWords {
  events: WrittenEvent[];
  nudges: NudgeRequest[];
  /** The rows whose workflows must look at them, be they told or the ones who did it. */
  changed: string[];
  counted: Counted;
}

const nothingSaid = (): LastWords => ({ events: [], nudges: [], changed: [], counted: new Map() });

/** Runs decisions: one transaction each, the refusal's event in one of its own, the nudges after the commit. */
export class Decisions {
  constructor(
    private readonly database: Database,
    private readonly settings: DecisionSettings,
    private readonly afterCommit: (nudges: readonly Nudge[]) => void,
    private readonly onRecord: OnRecord = () => {},
  ) {}

  async decide<T>(actor: Actor, work: (decision: Decision) => Promise<T>): Promise<T> {
    let lastWords = nothingSaid();
    let nudges: Nudge[] = [];
    try {
      const result = await this.database.transaction(actor.tenancy, async (em) => {
        lastWords = nothingSaid();
        const decided = await work(this.decision(em, actor, lastWords));
        nudges = await concludeWith(em, lastWords.events, lastWords.nudges);
        return decided;
      });
      this.database.changes.tell(lastWords.changed);
      if (nudges.length > 0) this.afterCommit(nudges);
      for (const { action, outcome } of lastWords.counted.values()) this.onRecord(action, outcome);
      return result;
    } catch (error) {
      const refusal = this.refusalOf(error);
      if (refusal instanceof RefusedAct) await this.recordRefusal(actor, refusal);
      throw refusal ?? error;
    }
  }

  private decision(em: EntityManager, actor: Actor, { events, nudges, changed, counted }: LastWords): Decision {
    return {
      em,
      actor,
      settings: this.settings,
      now: () => databaseNow(em),
      seenBy: null,
      record: ({ by, personal, actor: other, ...occurrence }) => {
        const who = other ?? actor;
        const { action, subject, outcome = 'success' } = occurrence;
        counted.set(`${action} ${subject.id} ${outcome}`, { action, outcome });
        const facts = action.endsWith('.approved') ? { ...occurrence.facts, ...signedInBy(who) } : occurrence.facts;
        const written = { ...occurrence, ...(facts && { facts }) };
        const event = eventOf({ ...written, actor: auditActor(who, by), personal: personalOf(who, personal) });
        events.push(event);
        return event;
      },
      nudge: async (workflowType, rowId) => {
        changed.push(rowId);
        if (idOfWorkflow(workflowType, rowId) === actor.workflowId) return;
        await em.flush();
        nudges.push({ workflowType, rowId });
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
      const { action, organizationIds, subject, because, isApart, facts } = refusal.act;
      const at = await databaseNow(em);
      for (const sides of isApart ? organizationIds.map((id) => [id]) : [organizationIds]) {
        record(em, {
          action,
          actor: auditActor(actor),
          organizationIds: sides,
          subject,
          outcome: 'refused',
          facts: { code: because ?? refusal.code, ...facts },
          personal: personalOf(actor),
          at,
        });
      }
    });
    this.onRecord(refusal.act.action, 'refused');
  }
}

/** An approval names how surely it was known who gave it. */
function signedInBy({ session }: Actor): Record<string, unknown> {
  if (!session) return {};
  const { method, amr, acr, authenticatedAt, secondFactorAt } = session;
  return { signedIn: { method, amr, acr, authenticatedAt, secondFactorAt } };
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
