import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { processorTime, processorTimeWithChildren } from './processor-time.ts';
import type { Program } from './program.ts';
import type { Servers } from './servers.ts';
import type { Stage } from './stage.ts';
import type { BareDesk } from './yardsticks/bare-schema.ts';

/** How much is measured; a short run shows that everything works, not how fast it is. */
export interface Extent {
  pairs: number;
  /** Milliseconds of a load that is measured by time. */
  milliseconds: number;
  /** Decisions of one kind in one load, one at a time and 16 at once. */
  decisions: { alone: number; inFlight: number };
  cycles: number;
  burst: number;
  grants: { few: number; many: number };
  organizations: { few: number; many: number };
}

export const extents: Readonly<Record<'full' | 'short', Extent>> = {
  full: {
    pairs: 5,
    milliseconds: 1_500,
    decisions: { alone: 40, inFlight: 160 },
    cycles: 96,
    burst: 5_000,
    grants: { few: 1_000, many: 1_000_000 },
    organizations: { few: 100, many: 10_000 },
  },
  short: {
    pairs: 1,
    milliseconds: 500,
    decisions: { alone: 10, inFlight: 32 },
    cycles: 16,
    burst: 100,
    grants: { few: 1_000, many: 10_000 },
    organizations: { few: 100, many: 1_000 },
  },
};

export const lanes = 16;

/** What every row is measured with. */
export interface Bench {
  extent: Extent;
  servers: Servers;
  stage: Stage;
  bare: { baseUrl: string; program: Program; pool: Pool; desks: BareDesk[]; databaseUrl: string };
  say: (message: string) => void;
}

/** A line of the table. */
export interface Row {
  /** Names it over time: figures of an earlier run are found by it. */
  id: string;
  what: string;
  /** As a person reads it: `312/s`, `4.1 ms`. */
  ours: string;
  yardstick: string;
  /** What the yardstick is. */
  against: string;
  /** Ours as a multiple of the yardstick, in pairs; null where there is nothing to compare with. */
  ratio: number | null;
  target: { ratio: number; is: 'at least' | 'at most' } | null;
  /** Shown beside the row: counts that must hold, figures of others. */
  note?: string;
}

export const isMet = ({ ratio, target }: Pick<Row, 'ratio' | 'target'>): boolean | null => {
  if (ratio === null || target === null) return null;
  return target.is === 'at least' ? ratio >= target.ratio : ratio <= target.ratio;
};

export const milliseconds = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
export const perSecond = (value: number): string => `${value < 100 ? value.toFixed(1) : value.toFixed(0)}/s`;

export const processorTimeOf = (program: Program) => () => processorTime(program.pid);

/** Processor milliseconds of everything that serves: API, worker, Temporal, PostgreSQL. */
export async function processorTimes({
  servers,
}: Bench): Promise<Record<'api' | 'worker' | 'temporal' | 'postgres', number>> {
  const { api, worker, temporal, postgres } = servers;
  const [ofApi, ofWorker, ofTemporal, ofPostgres] = await Promise.all([
    processorTime(api.program.pid),
    processorTime(worker.pid),
    processorTime(temporal.pid ?? 0),
    processorTimeWithChildren(postgres.pid ?? 0),
  ]);
  return { api: ofApi, worker: ofWorker, temporal: ofTemporal, postgres: ofPostgres };
}

const quietWindow = 200;
const quietShare = 0.1;
const longestRest = 20_000;

/** Until the worker has nothing left to do: what one load leaves behind must not be paid for by the next. */
export async function untilQuiet(bench: Bench): Promise<void> {
  const end = performance.now() + longestRest;
  const busy = async () => {
    const { worker, temporal } = await processorTimes(bench);
    return worker + temporal;
  };
  let before = await busy();
  while (performance.now() < end) {
    await sleep(quietWindow);
    const now = await busy();
    if (now - before < quietWindow * quietShare) return;
    before = now;
  }
}
