import { askAgain, openWork, overdueWork, toldLately, type Told, type UnfinishedWork } from '#decisions';
import type { Database } from '#persistence';
import type { TemporalClient, WorkflowState } from '#temporal';
import { Pauses } from './pauses.ts';

export interface Reconciling {
  database: Database;
  temporal: Pick<TemporalClient, 'stateOf'>;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

/** Everything has its time: a busy worker is not helped by being asked twice. */
const lateMilliseconds = 15_000;
const page = { lateMilliseconds, limit: 200 };
/** The latest starts of workflows: if Temporal has lost anything, some of these are among it. */
const sample = { lateMilliseconds, limit: 20 };
const asksAtOnce = 20;

/**
 * Finds rows that no workflow looks after and has the relay start one: after Temporal lost its state, after an older
 * state of the database was put back, after somebody ended a workflow by hand. Rows tell what is overdue; whether the
 * others have a workflow is asked page by page, and of all at once where one is missing. Runs until aborted; no error
 * ends it.
 */
export async function keepReconciling({ database, temporal, log, signal }: Reconciling): Promise<void> {
  const pauses = new Pauses(1_000, 10_000);
  let after = '';

  const withState = async <Work extends UnfinishedWork>(
    work: readonly Work[],
    isLost: (state: WorkflowState) => boolean,
  ): Promise<Work[]> => {
    const lost: Work[] = [];
    for (let done = 0; done < work.length && !signal.aborted; done += asksAtOnce) {
      const some = work.slice(done, done + asksAtOnce);
      const states = await Promise.all(some.map(({ workflowId }) => temporal.stateOf(workflowId)));
      lost.push(...some.filter((_, index) => isLost(states[index] ?? 'running')));
    }
    await askAgain(database, lost);
    return lost;
  };
  const notRunning = (work: readonly UnfinishedWork[]) => withState(work, (state) => state !== 'running');
  const unknown = (work: readonly UnfinishedWork[]) => withState(work, (state) => state === 'unknown');

  const lookAtAll = async (): Promise<number> => {
    let lost = 0;
    for (let last = ''; !signal.aborted;) {
      const work = await openWork(database, { ...page, after: last });
      lost += (await notRunning(work)).length;
      last = work.at(-1)?.workflowId ?? '';
      if (work.length < page.limit) break;
    }
    for (let last: Told | null = null; !signal.aborted;) {
      const work: Told[] = await toldLately(database, { ...page, before: last });
      lost += (await unknown(work)).length;
      last = work.at(-1) ?? null;
      if (work.length < page.limit) break;
    }
    return lost;
  };

  while (!signal.aborted) {
    let found = 0;
    try {
      const overdue = await overdueWork(database, page);
      await askAgain(database, overdue);
      found = overdue.length;
      if (found > 0) log.warn(`${found} rows are overdue; their workflows are asked to look again`);

      const work = await openWork(database, { ...page, after });
      after = work.length < page.limit ? '' : (work.at(-1)?.workflowId ?? '');
      let lost = (await notRunning(work)).length;
      lost += (await unknown(await toldLately(database, { ...sample, before: null }))).length;
      if (lost > 0) lost += await lookAtAll();
      if (lost > 0) log.warn(`${lost} workflows were missing and are started again`);
      found += lost;
    } catch (error) {
      log.warn(`Nobody looked for lost workflows: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await pauses.rest(found > 0, signal);
  }
}
