import { setTimeout as sleep } from 'node:timers/promises';
import { askWitness, unwitnessed, type KnownWitness } from '#audit';
import type { Database } from '#persistence';

export interface Witnessing {
  database: Database;
  witnesses: readonly KnownWitness[];
  log: { warn(message: string): void };
  signal: AbortSignal;
}

const everyMilliseconds = 10_000;
const atOnce = 100;
const longestWaitMilliseconds = 10_000;

/** Brings new checkpoints to the witnesses. Runs until aborted; a witness that is away or refuses ends nothing. */
export async function keepWitnessing({ database, witnesses, log, signal }: Witnessing): Promise<void> {
  while (!signal.aborted && witnesses.length > 0) {
    await Promise.all(witnesses.map((witness) => askAbout(witness)));
    await sleep(everyMilliseconds, undefined, { signal }).catch(() => {});
  }

  async function askAbout(witness: KnownWitness): Promise<void> {
    try {
      for (const organizationId of await unwitnessed(database, witness, atOnce)) {
        const timely = AbortSignal.any([signal, AbortSignal.timeout(longestWaitMilliseconds)]);
        const reply = await askWitness(database, witness, organizationId, timely);
        if (reply === 'refused') {
          log.warn(`The witness ${witness.key.name} refuses to countersign the audit trail of ${organizationId}`);
        }
        if (reply === 'unreachable') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      const what = error instanceof Error ? error.constructor.name : 'unknown';
      log.warn(`The witness ${witness.key.name} could not be asked: ${what}`);
    }
  }
}
