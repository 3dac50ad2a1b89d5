import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort, startPostgres, type Postgres } from '#local-stack';

/** A PostgreSQL of a test's own, which can be killed and started again with its data, at the same address. */
export interface OwnPostgres {
  /** Superuser's URL of its database. */
  readonly url: string;
  /** The end without a goodbye, as by `kill -9` or a power cut. */
  kill(): Promise<void>;
  /** The orderly end: whoever is connected is told to go. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  /** Stops it, has something done to the folder of its cluster, and starts it again. */
  whileStopped(act: (cluster: string) => Promise<void>): Promise<void>;
  /** Stops it, keeps a copy of all it has, and starts it again. */
  keepCopy(): Promise<void>;
  /** Stops it, puts the copy back in the place of all it has, and starts it again. */
  restoreCopy(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-own-postgres-'));
  // Durable, for it must keep what it has confirmed.
  const options = { dataDir, port: await findFreePort(), database: 'countersign', durable: true };
  let server: Postgres = await startPostgres(options);
  const copy = `${dataDir}-copy`;
  const whileStopped = async (act: (cluster: string) => Promise<void>): Promise<void> => {
    await server.stop();
    await act(join(dataDir, 'cluster'));
    server = await startPostgres(options);
  };
  return {
    url: server.url,
    kill: () => server.kill(),
    shutDown: () => server.stop(),
    async start() {
      server = await startPostgres(options);
    },
    whileStopped,
    keepCopy: () => whileStopped(() => copyFolder(dataDir, copy)),
    restoreCopy: () =>
      whileStopped(async () => {
        await rm(dataDir, { recursive: true });
        await copyFolder(copy, dataDir);
      }),
    async stop() {
      await server.stop();
      for (const folder of [dataDir, copy]) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** With owners and rights: the server runs under an account of its own. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]);
}
