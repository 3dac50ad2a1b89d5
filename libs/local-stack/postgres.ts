import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chown, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, ensureDatabase } from './database.ts';
import { assertPortFree, findFreePort, PortTakenError } from './port.ts';
import {
  findPostgresAccount,
  PostgresUnavailableError,
  type PostgresAccount,
  reachableFolder,
  reachableInstallation,
} from './postgres-installation.ts';
import { DataFolderError } from './local-stack-error.ts';
import { type OnProgress, silently } from './progress.ts';
import { endFormerServer } from './running-process.ts';
import { ServerProcess } from './server-process.ts';

const run = promisify(execFile);
const READY_WITHIN_MILLISECONDS = 60_000;
const ADMINISTRATOR = 'postgres';

export interface PostgresOptions {
  /** Keeps the state and survives a restart; without it the state is temporary and goes with the server. */
  readonly dataDir?: string;
  /** Any free port where it is missing. */
  readonly port?: number;
  /** Made where it is missing; `url` leads to it. */
  readonly database?: string;
  /** false spares every disk flush: three times as fast, and worth nothing after a power cut. For tests only. */
  readonly durable?: boolean;
  readonly onProgress?: OnProgress;
}

export interface Postgres {
  /** Superuser's URL of `database`. */
  readonly url: string;
  /** Superuser's URL of the database `postgres`, to make and drop others from. */
  readonly adminUrl: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
  /** Ends it as a power cut would; the state stays where `dataDir` was given. */
  kill(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL on loopback. A server that a killed run left on the same data folder is ended first.
 * @throws PortTakenError for a port that was asked for, PostgresUnavailableError where there are no binaries or no account
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { durable = true, onProgress = silently } = options;
  if (options.port !== undefined) await assertPortFree(options.port, 'DATABASE_URL');
  const account = await findPostgresAccount(onProgress);
  const installation = await reachableInstallation(account, onProgress);
  const isTemporary = options.dataDir === undefined;
  const wanted = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'countersign-postgres-')));
  const folder = await reachableFolder(wanted, account, onProgress);
  const cluster = join(folder, 'cluster');

  if (await endFormerServer(join(cluster, 'postmaster.pid'), cluster)) {
    onProgress('Ended a PostgreSQL that a killed run had left behind');
  }
  await assertSameMajorVersion(installation, cluster);
  const password = await ensureCluster({ installation, folder, cluster, account, durable, onProgress });

  const port = options.port ?? (await findFreePort());
  const adminUrl = `postgresql://${ADMINISTRATOR}:${password}@127.0.0.1:${port}/postgres`;
  const server = new ServerProcess(
    'PostgreSQL',
    join(installation, 'bin', 'postgres'),
    ['-D', cluster, '-p', String(port), ...settings(durable)],
    { ...account, env: { ...process.env, LC_ALL: 'C' } },
  );
  const removeTemporary = () => (isTemporary ? rm(folder, { recursive: true, force: true }) : Promise.resolve());
  try {
    await server.untilReady(() => answers(adminUrl), READY_WITHIN_MILLISECONDS);
    const url = options.database ? await ensureDatabase(adminUrl, options.database) : adminUrl;
    return {
      url,
      adminUrl,
      pid: server.pid,
      stop: async () => {
        await server.stop();
        await removeTemporary();
      },
      kill: async () => {
        await server.kill();
        await removeTemporary();
      },
    };
  } catch (error) {
    await server.stop();
    await removeTemporary();
    if (/Address already in use/.test(server.output)) throw new PortTakenError(port, 'DATABASE_URL');
    throw new PostgresUnavailableError(
      `PostgreSQL did not start on ${cluster}: ${server.complaint ?? 'it said nothing'}`,
      'restore that folder, set DATA_DIR to another to start anew',
      { cause: error },
    );
  }
}

/** A cluster of another major version is refused by name: the server itself would only end. */
async function assertSameMajorVersion(installation: string, cluster: string): Promise<void> {
  const made = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (made === undefined) return;
  const { stdout } = await run(join(installation, 'bin', 'postgres'), ['--version']);
  const ours = /(\d+)/.exec(stdout)?.[1] ?? '';
  if (made.trim() === ours) return;
  throw new PostgresUnavailableError(
    `The data in ${cluster} is of PostgreSQL ${made.trim() || '?'}; this is ${ours}.`,
    `start with the former version of Countersign, save the data with pg_dump and load it into a new DATA_DIR, set DATA_DIR to another folder to start anew`,
  );
}

/** No socket files (their path may be too long or not writable), connections from this machine only. */
function settings(durable: boolean): string[] {
  const always = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'log_timezone=UTC'];
  const fast = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'wal_level=minimal',
    'max_wal_senders=0',
  ];
  return [...always, ...(durable ? [] : fast)].flatMap((setting) => ['-c', setting]);
}

interface ClusterPlace {
  readonly installation: string;
  readonly folder: string;
  readonly cluster: string;
  readonly account: PostgresAccount | undefined;
  readonly durable: boolean;
  readonly onProgress: OnProgress;
}

/** Makes the cluster at the first start. @returns the superuser's password, kept beside the cluster */
async function ensureCluster(place: ClusterPlace): Promise<string> {
  const passwordFile = join(place.folder, 'password');
  const isMade = await access(join(place.cluster, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
  if (isMade) {
    return readFile(passwordFile, 'utf8').then(
      (text) => text.trim(),
      (cause: unknown) => {
        throw new DataFolderError(`${passwordFile}, the password of the database, can't be read.`, { cause });
      },
    );
  }

  place.onProgress('Making a new PostgreSQL database cluster');
  const password = randomBytes(24).toString('hex');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (place.account) await chown(passwordFile, place.account.uid, place.account.gid);
  // Made aside and renamed: a start that is cut off here leaves nothing that looks like a cluster.
  const unfinished = `${place.cluster}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await run(
    join(place.installation, 'bin', 'initdb'),
    [
      `--pgdata=${unfinished}`,
      `--username=${ADMINISTRATOR}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The same sort order on every machine, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(place.durable ? [] : ['--no-sync']),
    ],
    { ...place.account, cwd: place.folder, env: { ...process.env, LC_ALL: 'C' } },
  );
  await rename(unfinished, place.cluster);
  return password;
}
