import { findTemporal, startPostgres, startTemporal } from '#local-stack';

/**
 * The servers all test files share, in a process of their own: it ends them when the test run closes the channel,
 * also when the run was killed and could close nothing itself.
 */
const started: (() => Promise<void>)[] = [];
const onProgress = (message: string) => console.error(message);

async function start(): Promise<void> {
  const postgres = await startPostgres({ durable: false });
  started.push(() => postgres.stop());
  const { path: executable } = await findTemporal({ onProgress });
  const temporal = await startTemporal({ executable });
  started.push(() => temporal.stop());
  if (process.connected) process.send?.({ databaseUrl: postgres.adminUrl, temporalAddress: temporal.address });
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
