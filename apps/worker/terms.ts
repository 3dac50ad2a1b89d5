import { setTimeout as sleep } from 'node:timers/promises';
import { findDueTerms, findExternalEnds, noticeExternalEnd, settleTerm, theClock, type Decisions } from '#decisions';
import { asSystem, type Database } from '#persistence';

export interface KeepingOfTerms {
  database: Database;
  decisions: Decisions;
  log: { warn(message: string): void };
  signal: AbortSignal;
}

const everyMilliseconds = 2_000;
const batchSize = 100;

/**
 * Writes down what ended by its term, with all that stood on it, and has both sides told before that. Access ends by the
 * database's clock without it. Several workers at once find the same rows, and each row is settled once.
 */
export async function keepTerms({ database, decisions, log, signal }: KeepingOfTerms): Promise<void> {
  while (!signal.aborted) {
    try {
      const due = await database.transaction(asSystem, (em) => findDueTerms(em, batchSize));
      for (const id of due) {
        if (signal.aborted) return;
        await decisions.decide(theClock(), (decision) => settleTerm(decision, id));
      }
      const near = await database.transaction(asSystem, (em) => findExternalEnds(em, batchSize));
      for (const id of near) {
        if (signal.aborted) return;
        await decisions.decide(theClock(), (decision) => noticeExternalEnd(decision, id));
      }
      if (due.length === batchSize || near.length === batchSize) continue;
    } catch (error) {
      log.warn(`Terms could not be kept: ${error instanceof Error ? error.constructor.name : 'unknown'}`);
    }
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }
}
