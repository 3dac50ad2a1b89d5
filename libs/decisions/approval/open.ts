import type { FilterQuery } from '@mikro-orm/postgresql';
import { isSupport, type Ruling } from '#access';
import { Refusal, type RefusalDetails } from '#contracts';
import { continueAsSystem, holdStanding, loadStanding } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectFrom } from '../subject-of.ts';
import type { CaseFlow, Opened } from './flow.ts';

/** One thing somebody does to a case. */
export interface Act<Row> {
  /** Past tense: the event is `<feature>.<verb>`. */
  verb: string;
  right: (opened: Opened<Row>) => Promise<Ruling> | Ruling;
  /** Whether the same person has done the same before: then it is no error, and nothing happens. */
  isDone: (opened: Opened<Row>) => Promise<boolean> | boolean;
  precondition?: Precondition | undefined;
  change: (opened: Opened<Row>, by: string) => Promise<void>;
}

/**
 * The one order in which a case is acted on (ADR 7 and 9): is the row in the caller's sight, lock, may they see the
 * case, may they do this, is it done already, is it the version they saw, change. 404 where the row is absent or not
 * theirs to see; a refusal goes on record.
 */
export async function actOn<Row extends { id: string }>(
  decision: Decision,
  flow: CaseFlow<Row>,
  id: string,
  { verb, right, isDone, precondition = unconditionally, change }: Act<Row>,
): Promise<Row> {
  const opened = await open(decision, flow, id);
  const { row, parties, actor, now } = opened;
  // The support team sees no case; it knows that there are such, and hears that it decides none.
  const sight = flow.maySee(actor, parties, now);
  if (!sight.allowed && !isSupport(actor, now)) return refuse(flow, opened, verb, 'not_found', {}, sight.code);

  const ruling = await right(opened);
  if (!ruling.allowed) return refuse(flow, opened, verb, ruling.code);
  if (await isDone(opened)) return row;
  await precondition(() => flow.view(decision.em, actor, row, now));
  await change(opened, ruling.by);
  return row;
}

/** Locks in the one order there is; 404 where the row is absent or another tenant's. */
export async function open<Row extends { id: string }>(
  decision: Decision,
  flow: CaseFlow<Row>,
  id: string,
): Promise<Opened<Row>> {
  const { em, actor } = decision;
  // Of an entity that is not named here the compiler cannot tell that it has an id.
  const where = { id } as FilterQuery<NoInfer<Row>>;
  const seen = await em.findOne(flow.entity, where);
  if (!seen) throw new Refusal('not_found');
  if (flow.tenancy === 'system') await continueAsSystem(em);
  const { requesterId, organizationId } = flow.parties(seen);
  await flow.lockFirst?.(em, seen);
  await holdStanding(em, [requesterId, ...(actor.id ? [actor.id] : [])], organizationId);
  const row = await lockRow(em, flow.entity, where);
  if (!row) throw new Refusal('not_found');
  const subjectIds = [requesterId, ...(actor.id ? [actor.id] : [])];
  const standing = await loadStanding(em, { subjectIds, organizationIds: organizationId ? [organizationId] : [] });
  const opened = { row, parties: flow.parties(row), actor: subjectFrom(standing, actor), standing, now: standing.now };
  decision.seenBy = opened;
  return opened;
}

/** Refuses what the actor tried with this case, on record. `because`: the true reason, where the code tells less. */
export function refuse<Row extends { id: string }>(
  flow: CaseFlow<Row>,
  { row, actor }: Opened<Row>,
  verb: string,
  code: string,
  details: RefusalDetails = {},
  because?: string,
): never {
  return refuseAct(
    {
      action: `${flow.feature}.${verb}`,
      subject: { kind: flow.feature, id: row.id },
      because,
      ...flow.refusal(row, actor),
    },
    code,
    details,
  );
}
