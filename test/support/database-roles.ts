import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, escapeLiteral } from 'pg';

/** How each process signs in to the database, as in docker-compose.yml. */
export interface DatabaseLogins {
  /** The server's administrator, whom no process is. */
  superuser: string;
  migrations: string;
  api: string;
  worker: string;
  sealer: string;
}

/** Runs what compose runs when it makes its database, on a server that has none yet. */
export async function makeDatabaseRoles(adminUrl: string): Promise<DatabaseLogins> {
  const passwords: Record<string, string> = {};
  const script = await readFile(new URL('../../libs/persistence/database-roles.sql', import.meta.url), 'utf8');
  // psql's own words: a variable from the environment, and its value as a literal.
  const statements = script
    .replaceAll(/^\\getenv (\w+) \w+$/gm, (_line, name: string) => {
      passwords[name] = randomBytes(12).toString('hex');
      return '';
    })
    .replaceAll(/:'(\w+)'/g, (_place, name: string) => escapeLiteral(passwords[name] ?? ''))
    .replaceAll(/^--.*$/gm, '')
    .split(';');
  const administrator = new Client(adminUrl);
  await administrator.connect();
  for (const statement of statements) if (statement.trim()) await administrator.query(statement);
  await administrator.end();
  const loginOf = (process: string) => urlOf(adminUrl, `countersign_${process}`, passwords[`${process}_password`]);
  return {
    superuser: urlOf(adminUrl),
    migrations: loginOf('migrations'),
    api: loginOf('api'),
    worker: loginOf('worker'),
    sealer: loginOf('sealer'),
  };
}

function urlOf(adminUrl: string, user?: string, password?: string): string {
  const url = new URL(adminUrl);
  url.pathname = '/countersign';
  if (user && password) Object.assign(url, { username: user, password });
  return url.href;
}
