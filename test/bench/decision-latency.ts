/**
 * `node --conditions=source --import @swc-node/register/esm-register test/bench/decision-latency.ts`: what deciding costs a
 * person, with Temporal there and away, as multiples of a bare transaction on the same machine. Ratios travel between
 * machines, milliseconds do not.
 */
import { findTemporal, startPostgres, startTemporal } from '#local-stack';
import { asSystem } from '#persistence';
import type { World } from '../support/world.ts';

const rounds = 60;

interface Figures {
  median: number;
  p95: number;
}

async function measure(act: () => Promise<unknown>): Promise<Figures> {
  const times: number[] = [];
  for (let round = 0; round < rounds + 5; round += 1) {
    const start = performance.now();
    await act();
    // The first few warm up caches and connections.
    if (round >= 5) times.push(performance.now() - start);
  }
  times.sort((left, right) => left - right);
  return { median: times[Math.floor(rounds / 2)] ?? 0, p95: times[Math.floor(rounds * 0.95)] ?? 0 };
}

/** Lock a row, write it, commit: what any decision costs at the least. */
const bareTransaction = (world: World, organizationId: string) =>
  measure(() =>
    world.database.transaction(asSystem, async (em) => {
      await em.execute('select id from organization where id = ? for update', [organizationId]);
      await em.execute('update organization set version = version + 1 where id = ?', [organizationId]);
    }),
  );

async function decisions(world: World): Promise<Record<'ask' | 'approve' | 'revoke', Figures>> {
  const { askFor, decide, setElevationStage } = await import('../support/elevation-stage.ts');
  const stage = await setElevationStage(world);
  const ids: string[] = [];
  const next = () => ids.at(-1) ?? '';
  const times = { ask: [] as number[], approve: [] as number[], revoke: [] as number[] };
  const timed = async (kind: keyof typeof times, act: () => Promise<unknown>) => {
    const start = performance.now();
    await act();
    times[kind].push(performance.now() - start);
  };
  for (let round = 0; round < rounds + 5; round += 1) {
    await timed('ask', async () => ids.push(await askFor(stage)));
    await timed('approve', () => decide(stage.admin, next(), 'approve'));
    await timed('revoke', () => decide(stage.admin, next(), 'revoke'));
  }
  const figures = (kind: keyof typeof times): Figures => {
    const sorted = times[kind].slice(5).sort((left, right) => left - right);
    return { median: sorted[Math.floor(rounds / 2)] ?? 0, p95: sorted[Math.floor(rounds * 0.95)] ?? 0 };
  };
  return { ask: figures('ask'), approve: figures('approve'), revoke: figures('revoke') };
}

const postgres = await startPostgres({ durable: true });
const { path: executable } = await findTemporal({ onProgress: console.error });
const temporal = await startTemporal({ executable });
process.env['COUNTERSIGN_TEST_DATABASE_URL'] = postgres.adminUrl;
process.env['COUNTERSIGN_TEST_TEMPORAL_ADDRESS'] = temporal.address;
const { createWorld } = await import('../support/world.ts');
const { organization } = await import('../support/cast.ts');

try {
  // Worker and API share this process, as on a laptop; that makes the figures with Temporal worse than they need be.
  const world = await createWorld();
  const bare = await bareTransaction(world, await organization(world, 'customer'));
  const print = (name: string, { median, p95 }: Figures) =>
    console.log(
      `${name.padEnd(34)}${median.toFixed(1).padStart(8)} ms  p95 ${p95.toFixed(1).padStart(7)} ms  ${(median / bare.median).toFixed(1).padStart(5)} × a bare transaction`,
    );
  print('bare transaction', bare);
  const withTemporal = await decisions(world);
  for (const [kind, figures] of Object.entries(withTemporal)) print(`${kind}, Temporal and worker up`, figures);
  await world.stopWorker();
  const withoutWorker = await decisions(world);
  for (const [kind, figures] of Object.entries(withoutWorker)) print(`${kind}, worker stopped`, figures);
  await temporal.kill();
  const without = await decisions(world);
  for (const [kind, figures] of Object.entries(without)) print(`${kind}, Temporal away`, figures);
  await world.stop();
} finally {
  await temporal.stop();
  await postgres.stop();
}
process.exit();
