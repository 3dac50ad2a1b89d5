/**
 * `npm run bench:memory [-- --minutes 3]`: whole cycles with their mails and evaluations without a pause, half an hour
 * unless told otherwise, while the memory of API and worker is looked at. Fails where it grows on; writes memory.json,
 * which the next `npm run bench` puts into docs/performance.md.
 */
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { lanes } from './bench.ts';
import { expectReply } from './http-caller.ts';
import { closedLoop } from './load.ts';
import { median } from './pairs.ts';
import { residentMemory } from './processor-time.ts';
import type { Program } from './program.ts';
import { ourCycle } from './rows/cycles.ts';
import { evaluationOf } from './rows/evaluation.ts';
import { startServers } from './servers.ts';
import { setStage } from './stage.ts';

/** What a half hour, or less, did to the memory of one program; in mebibytes. */
export interface MemoryRun {
  at: string;
  minutes: number;
  cycles: number;
  evaluations: number;
  programs: Record<'api' | 'worker', { early: number; late: number; peak: number }>;
}

const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } });
const milliseconds = Number(options.minutes) * 60_000;
const sampleEvery = 2_000;
/** Caches and compiled code fill up first; from then on memory swings with the garbage collector and no further. */
const mostGrowth = 1.25;

const servers = await startServers(console.log);
try {
  const stage = await setStage(servers.api, { agents: lanes, customers: lanes });
  const { baseUrl } = servers.api;
  const desk = stage.desks(1)[0];
  if (!desk) throw new Error('The stage has no desk');
  const body = evaluationOf(desk.customerId, desk.agent.accountId);
  const load = Promise.all([
    closedLoop({ inFlight: lanes, milliseconds }, (_, lane) => ourCycle({ servers, stage }, lane)),
    closedLoop({ inFlight: 2, milliseconds }, () =>
      expectReply(200, baseUrl, 'POST', '/access/v1/evaluation', desk.agent.http.token, body),
    ),
  ]);

  const samples: Record<'api' | 'worker', number[]> = { api: [], worker: [] };
  const programs: Record<'api' | 'worker', Program> = { api: servers.api.program, worker: servers.worker };
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    await sleep(sampleEvery);
    for (const name of ['api', 'worker'] as const)
      samples[name].push((await residentMemory(programs[name].pid)) / 2 ** 20);
  }
  const [cycles, evaluations] = await load;

  const judged = (values: readonly number[]) => ({
    early: Math.round(median(values.slice(Math.floor(values.length / 4), Math.floor(values.length / 2)))),
    late: Math.round(median(values.slice(Math.floor((values.length * 3) / 4)))),
    peak: Math.round(Math.max(...values)),
  });
  const run: MemoryRun = {
    at: new Date().toISOString(),
    minutes: Number(options.minutes),
    cycles: cycles.count,
    evaluations: evaluations.count,
    programs: { api: judged(samples.api), worker: judged(samples.worker) },
  };
  await writeFile(new URL('memory.json', import.meta.url), `${JSON.stringify(run, null, 2)}\n`);
  console.log(`${run.minutes} minutes, ${run.cycles} cycles, ${run.evaluations} evaluations`);
  for (const [name, { early, late, peak }] of Object.entries(run.programs)) {
    console.log(`${name}: ${early} MiB in the second quarter, ${late} MiB in the last, ${peak} MiB at most`);
    if (late > early * mostGrowth) process.exitCode = 1;
  }
} finally {
  await servers.stop();
}
process.exit();
