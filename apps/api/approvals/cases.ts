import { Injectable } from '@nestjs/common';
import { asHeld, mayDeny } from '#access';
import { approvalFeatures, type ApprovalFeature } from '#contracts';
import {
  approvalFlowOf,
  Decisions,
  onlyOnce,
  readCase,
  subjectFrom,
  subjectOf,
  type Actor,
  type CaseFlow,
  type Decision,
  type Once,
} from '#decisions';
import { asSeenBy, Database, databaseNow } from '#persistence';
import { Created } from '../answers/created.ts';
import { LongPolls, type Wait } from '../answers/long-polls.ts';
import type { LineQuery, RequestLine } from './line.ts';
import { linesOf } from './registry.ts';

/** A request in a list, and how the viewer stands to it. */
export interface ListedRequest extends RequestLine {
  feature: ApprovalFeature;
  mayDecide: boolean;
  /** Whoever is not independent enough to say yes may still say no. */
  mayDeny: boolean;
  isOwn: boolean;
}

/** How controllers open, read and act on cases, whichever flow they belong to: the answer is the case as it stands now. */
@Injectable()
export class Cases {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    private readonly polls: LongPolls,
  ) {}

  async create<Row extends { id: string }, View extends { id: string }>(
    actor: Actor,
    flow: CaseFlow<Row, View>,
    once: Once | null,
    path: string,
    make: (decision: Decision) => Promise<Row>,
  ): Promise<Created<View>> {
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => viewOf(decision, actor, flow, await make(decision))),
    );
    return new Created(`${path}/${view.id}`, view);
  }

  async act<Row extends { id: string }, View>(
    actor: Actor,
    flow: CaseFlow<Row, View>,
    act: (decision: Decision) => Promise<Row>,
  ): Promise<View> {
    return this.decisions.decide(actor, async (decision) => viewOf(decision, actor, flow, await act(decision)));
  }

  /** Answers at the next state, or after so many seconds. */
  async read<Row extends { id: string }, View>(
    actor: Actor,
    flow: CaseFlow<Row, View>,
    id: string,
    wait: Wait,
    stateOf: (view: View) => string,
  ): Promise<View> {
    let { standing: inHand } = actor;
    const look = async () => {
      const subjectIds = actor.id ? [actor.id] : [];
      const present = inHand ?? asSeenBy(await this.database.standing({ subjectIds, whole: true }), actor.tenancy);
      // Who waits looks again, by what they hold then.
      inHand = undefined;
      const viewer = subjectFrom(present, actor);
      if (flow.read) return flow.read(this.database, actor.tenancy, viewer, id, present.now);
      return this.database.transaction(actor.tenancy, (em) => readCase(em, flow, viewer, id, present.now));
    };
    return this.polls.untilChanged(wait, id, look, stateOf);
  }

  /** Requests of every flow that the actor may see, newest first; each flow with a transaction of its own sight. */
  async list(actor: Actor, query: LineQuery): Promise<ListedRequest[]> {
    const listed: ListedRequest[] = [];
    for (const feature of Object.values(approvalFeatures)) {
      const lines = await this.database.transaction(actor.tenancy, async (em) => {
        const viewer = await subjectOf(em, actor);
        const now = await databaseNow(em);
        const judged = { inSession: viewer, inAll: asHeld(viewer) };
        return (await linesOf[feature](em, viewer, query)).map((line) => ({
          ...line,
          feature,
          mayDecide: line.status === 'pending' && approvalFlowOf(feature).mayDecide(judged, line.parties, now).allowed,
          mayDeny: line.status === 'pending' && mayDeny(judged, line.parties, now).allowed,
          isOwn: line.parties.requesterId === viewer.accountId,
        }));
      });
      listed.push(...lines);
    }
    return listed.sort((left, right) => right.createdAt.localeCompare(left.createdAt)).slice(0, query.limit);
  }
}

async function viewOf<Row extends { id: string }, View>(
  decision: Decision,
  actor: Actor,
  flow: CaseFlow<Row, View>,
  row: Row,
): Promise<View> {
  const { em, seenBy } = decision;
  await em.flush();
  if (seenBy) return flow.view(em, seenBy.actor, row, seenBy.now, seenBy.deciders);
  return flow.view(em, await subjectOf(em, actor), row, await decision.now());
}
