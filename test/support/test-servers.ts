import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal, startPostgres, startTemporal } from '#local-stack';
import { bundleWorkflows } from '#worker';
import { createTemplateDatabase, templateDatabase } from './migrated-database.ts';

/**
 * The servers all test files share, in a process of their own: it ends them when the test run closes the channel,
 * also when the run was killed and could close nothing itself.
 */
const started: (() => Promise<void>)[] = [];
const onProgress = (message: string) => console.error(message);

async function startDatabases(): Promise<string> {
  const postgres = await startPostgres({ durable: false });
  started.push(() => postgres.stop());
  await createTemplateDatabase(postgres.adminUrl);
  return postgres.adminUrl;
}

async function startEngine(): Promise<string> {
  const { path: executable } = await findTemporal({ onProgress });
  const temporal = await startTemporal({ executable });
  started.push(() => temporal.stop());
  return temporal.address;
}

/** Bundled once for all test files: each of them would take seconds for it. */
async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-workflows-'));
  started.push(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'bundle.js');
  await writeFile(path, (await bundleWorkflows()).code);
  return path;
}

async function start(): Promise<void> {
  const starts = [startDatabases(), startEngine(), bundle()] as const;
  // Each comes to its end before one that failed is told: what is half-way through its start can't be stopped yet.
  await Promise.allSettled(starts);
  const [databaseUrl, temporalAddress, workflowBundlePath] = await Promise.all(starts);
  if (process.connected) process.send?.({ databaseUrl, templateDatabase, temporalAddress, workflowBundlePath });
}

// Ctrl-C reaches the whole process group; the test run decides when its servers end.
process.on('SIGINT', () => {});
const disconnected = new Promise<void>((resolve) => process.once('disconnect', () => resolve()));

try {
  // Not raced: a server caught half-way through its start would leave its folder behind.
  await start();
  await disconnected;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
for (const stop of started.toReversed()) await stop().catch((error: unknown) => console.error(error));
process.exit();
