/**
 * `npm run bench`: builds, then measures the service against yardsticks of the same run and writes docs/performance.md.
 * `npm run bench -- --short` tries everything once in a minute or two, and writes nothing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'pg';
import { extents, type Bench, type Row } from './bench.ts';
import { unavailable } from './http-caller.ts';
import { Program } from './program.ts';
import { measureBurst, measureWithoutTemporal } from './rows/burst.ts';
import { measureCycles } from './rows/cycles.ts';
import { measureDecisions, type Usual } from './rows/decisions.ts';
import { measureEvaluation } from './rows/evaluation.ts';
import { measureScale } from './rows/scale.ts';
import { measureSignIn } from './rows/sign-in.ts';
import { startServers } from './servers.ts';
import { setStage } from './stage.ts';
import { setBareStage } from './yardsticks/bare-schema.ts';
import { describeMachine } from './report/machine.ts';
import { terminalTable } from './report/table.ts';
import { writePerformance, type Run } from './report/performance.ts';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    /** Only these parts: decisions, evaluation, cycles, sign-in, burst, without-temporal, scale. Writes nothing. */
    only: { type: 'string', multiple: true },
    /** Keeps the figures as the ones later runs are compared with. */
    'keep-as-before': { type: 'boolean', default: false },
  },
});
const extent = extents[options.short ? 'short' : 'full'];
const beforeFile = new URL('before.json', import.meta.url);
const begin = performance.now();
const say = (message: string) =>
  console.log(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s  ${message}`);

async function measure(): Promise<Row[]> {
  say('starting PostgreSQL, Temporal, a mail server, the API and the worker');
  const servers = await startServers(say);
  try {
    const stage = await setStage(servers.api, { agents: 60, customers: 100 });
    const bareStage = await setBareStage(servers.postgres.adminUrl, { agents: 16, customers: 16 });
    const program = Program.ofBench('The bare server', 'yardsticks/bare-server.ts', {
      DATABASE_URL: bareStage.databaseUrl,
    });
    servers.onStop(() => program.stop());
    const port = Number(await program.firstMessage());
    const pool = new Pool({ connectionString: bareStage.databaseUrl, max: 16 });
    // A server that ends first is not an error here.
    pool.on('error', () => {});
    servers.onStop(() => pool.end());
    const bench: Bench = {
      extent,
      servers,
      stage,
      bare: {
        baseUrl: `http://127.0.0.1:${port}`,
        program,
        pool,
        desks: bareStage.desks,
        databaseUrl: bareStage.databaseUrl,
      },
      say,
    };
    const rows: Row[] = [];
    let usual: Usual | undefined;
    const decisions = async () => {
      const measured = await measureDecisions(bench);
      usual = measured.usual;
      return measured.rows;
    };
    const usually = async () => {
      if (!usual) await decisions();
      return usual ?? { alone: [], inFlight: [] };
    };
    const sections: Record<string, () => Promise<Row[]>> = {
      decisions,
      evaluation: () => measureEvaluation(bench),
      cycles: () => measureCycles(bench),
      'sign-in': () => measureSignIn(bench),
      burst: async () => measureBurst(bench, await usually()),
      'without-temporal': async () => measureWithoutTemporal(bench, await usually()),
      scale: () => measureScale(bench),
    };
    for (const [name, section] of Object.entries(sections)) {
      if (options.only && !options.only.includes(name)) continue;
      say(name);
      rows.push(...(await section()));
    }
    return rows;
  } finally {
    await servers.stop();
  }
}

const rows = await measure();
const run: Run = { machine: await describeMachine(), seconds: Math.round((performance.now() - begin) / 1000), rows };
console.log(terminalTable(rows));
if (unavailable.answers > 0)
  say(`${unavailable.answers} requests were answered 503 first: too much else runs on this machine`);
if (options['keep-as-before']) await writeFile(beforeFile, `${JSON.stringify(run, null, 2)}\n`);
else if (!options.short && !options.only) {
  const before = JSON.parse(await readFile(beforeFile, 'utf8')) as Run;
  say(`written: ${await writePerformance(run, before)}`);
}
process.exit();
