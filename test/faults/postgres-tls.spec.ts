import { chmod, chown, copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MikroORM, type AbstractSqlConnection } from '@mikro-orm/postgresql';
import { ConfigurationError, loadConfig } from '#config';
import { Database } from '#persistence';
import { makeAuthority, type Authority, type Certificate } from '../support/certificates.ts';
import { createMigratedDatabase, migrate, type MigratedDatabase } from '../support/migrated-database.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';

const password = 'not-for-everybody';

/** A server that lets the service's user in through TLS only; its certificate is made out to `localhost`. */
let postgres: OwnPostgres;
let authority: Authority;
let stranger: Authority;
let ownCertificate: Certificate;
const opened: Database[] = [];

beforeAll(async () => {
  [authority, stranger] = [await makeAuthority(), await makeAuthority()];
  const serversCertificate = await authority.issue('localhost');
  ownCertificate = await authority.issue('certified');
  postgres = await startOwnPostgres();
  for (const name of ['countersign', 'certified'])
    await asAdministrator((connection) =>
      connection.execute(`create role ${name} login superuser password '${password}'`),
    );
  await postgres.whileStopped(async (cluster) => {
    const { uid, gid } = await stat(cluster);
    const place = async (from: string, name: string) => {
      const to = join(cluster, name);
      await copyFile(from, to);
      await chown(to, uid, gid);
      await chmod(to, 0o600);
    };
    await place(serversCertificate.certificate, 'server.crt');
    await place(serversCertificate.key, 'server.key');
    await place(authority.certificate, 'root.crt');
    const rules = join(cluster, 'pg_hba.conf');
    const strict = [
      'hostssl all countersign all scram-sha-256',
      'hostssl all certified all cert',
      'hostnossl all countersign,certified all reject',
    ];
    await writeFile(rules, `${strict.join('\n')}\n${await readFile(rules, 'utf8')}`);
    const settings = join(cluster, 'postgresql.auto.conf');
    await writeFile(settings, `${await readFile(settings, 'utf8')}\nssl = on\nssl_ca_file = 'root.crt'\n`);
  });
}, 120_000);

afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()));
  await postgres?.stop();
  await authority?.remove();
  await stranger?.remove();
});

/** By the way of the tests, which the rules leave as it was. */
async function asAdministrator<T>(work: (connection: AbstractSqlConnection) => Promise<T>): Promise<T> {
  const orm = await MikroORM.init({ clientUrl: postgres.url, entities: [], discovery: { warnWhenNoEntities: false } });
  try {
    return await work(orm.em.getConnection());
  } finally {
    await orm.close(true);
  }
}

interface Way {
  host?: string;
  user?: string;
  parameters?: Record<string, string>;
}

function urlOf({ host = 'localhost', user = `countersign:${password}`, parameters = {} }: Way): string {
  const { port } = new URL(postgres.url);
  const query = new URLSearchParams(parameters);
  return `postgresql://${user}@${host}:${port}/countersign${query.size > 0 ? `?${query.toString()}` : ''}`;
}

async function open(url: string): Promise<Database> {
  const database = await Database.open({ databaseUrl: url });
  opened.push(database);
  return database;
}

const reaches = async (way: Way) => (await open(urlOf(way))).isReachable();

const refusal = (url: string): string => {
  try {
    loadConfig({ DATABASE_URL: url });
    return 'none';
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
};

describe('a database that is reached through TLS only', () => {
  it('is not reached in clear text', async () => {
    expect(await reaches({})).toBe(false);
    expect(await reaches({ parameters: { sslmode: 'disable' } })).toBe(false);
  });

  it('is reached with every connection encrypted, those that read standing among them', async () => {
    const url = urlOf({ parameters: { sslmode: 'verify-full', sslrootcert: authority.certificate } });
    await migrate(url);
    const database = await open(url);
    expect(await database.isReachable()).toBe(true);
    await database.standing({});
    const connections = await asAdministrator((connection) =>
      connection.execute<{ ssl: boolean }[]>(
        "select ssl from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'countersign'",
      ),
    );
    expect(connections.length).toBeGreaterThan(1);
    expect(new Set(connections.map(({ ssl }) => ssl))).toEqual(new Set([true]));
  }, 60_000);

  it.each([
    ['require asks nobody who the server is', '127.0.0.1', 'require', undefined, true],
    ['require with an authority asks it', 'localhost', 'require', () => stranger, false],
    ['verify-ca takes any name', '127.0.0.1', 'verify-ca', () => authority, true],
    ['verify-ca takes no other authority', 'localhost', 'verify-ca', () => stranger, false],
    ['verify-full takes its name', 'localhost', 'verify-full', () => authority, true],
    ['verify-full takes no other name', '127.0.0.1', 'verify-full', () => authority, false],
    ['verify-full takes no other authority', 'localhost', 'verify-full', () => stranger, false],
    ['verify-full without one believes those of the system', 'localhost', 'verify-full', undefined, false],
  ])('%s', async (_what, host, sslmode, root, isReached) => {
    const sslrootcert = root?.().certificate;
    expect(await reaches({ host, parameters: { sslmode, ...(sslrootcert && { sslrootcert }) } })).toBe(isReached);
  });

  it('knows us by a certificate', async () => {
    const [way, { certificate, key }] = [{ user: 'certified', host: 'localhost' }, ownCertificate];
    expect(await reaches({ ...way, parameters: { sslmode: 'require', sslcert: certificate, sslkey: key } })).toBe(true);
    expect(await reaches({ ...way, parameters: { sslmode: 'require' } })).toBe(false);
  });
});

describe('a database without TLS', () => {
  let plain: MigratedDatabase;

  beforeAll(async () => {
    plain = await createMigratedDatabase();
  });

  afterAll(() => plain?.drop());

  it('is not reached where TLS was asked for', async () => {
    const database = await Database.open({ databaseUrl: `${plain.url}?sslmode=require` });
    expect(await database.isReachable()).toBe(false);
    await expect(database.standing({})).rejects.toThrow();
    await database.close();
  });
});

describe('a connection URL that promises what would not be kept', () => {
  it.each([
    [{ sslmode: 'prefer' }, 'fall back to clear text'],
    [{ sslmode: 'allow' }, 'fall back to clear text'],
    [{ sslmode: 'verify_full' }, 'which is none'],
    [{ sslmode: 'verify-ca' }, 'without sslrootcert'],
    [{ sslmode: 'verify-full', sslrootcert: '/nowhere/root.crt' }, "can't be read"],
    [{ sslmode: 'require', sslcert: '/nowhere/our.crt' }, 'without the other'],
    [{ sslrootcert: 'system' }, 'connects in clear text'],
    [{ ssl: 'true' }, 'says ssl, which is not understood'],
    [{ sslmode: 'require', channel_binding: 'require' }, 'says channel_binding'],
  ])('refuses the start, by name: %j', (parameters, why) => {
    const message = refusal(urlOf({ parameters }));
    expect(message).toContain('DATABASE_URL');
    expect(message).toContain(why);
    expect(message).not.toContain(password);
  });
});
