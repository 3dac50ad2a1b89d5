import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { uuidv7 } from 'uuidv7';
import {
  erasePersonalData,
  growTree,
  joinKeyRing,
  laggingTrees,
  record,
  sealEvents,
  signingKeyFrom,
  unwitnessed,
  verifyChain,
} from '#audit';
import { startPostgres, type Postgres } from '#local-stack';
import { asSystem, Database, databaseNow } from '#persistence';
import { makeDatabaseRoles, type DatabaseLogins } from '../support/database-roles.ts';
import { migrate } from '../support/migrated-database.ts';

const key = signingKeyFrom(Buffer.alloc(32, 7));
const customer = uuidv7();
const person = uuidv7();

let postgres: Postgres;
let logins: DatabaseLogins;
let api: Database;
let worker: Database;
let sealer: Database;

beforeAll(async () => {
  postgres = await startPostgres({ durable: false });
  logins = await makeDatabaseRoles(postgres.adminUrl);
  await migrate(logins.migrations);
  [api, worker, sealer] = (await Promise.all(
    [logins.api, logins.worker, logins.sealer].map((databaseUrl) => Database.open({ databaseUrl, poolSize: 2 })),
  )) as [Database, Database, Database];
}, 120_000);

afterAll(async () => {
  await Promise.all([api, worker, sealer].map((database) => database?.close()));
  await postgres?.stop();
});

/** As whoever has the password of one process, past all that the programs would do with it. */
async function signedInAs(login: keyof DatabaseLogins, ...statements: string[]): Promise<string | null> {
  const client = new Client(logins[login]);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end();
  }
}

async function happen(): Promise<void> {
  await api.transaction(asSystem, async (em) => {
    record(em, {
      action: 'elevation.approved',
      actor: { kind: 'account', id: person, by: 'full_administrator' },
      organizationIds: [customer],
      subject: { kind: 'elevation', id: uuidv7() },
      personal: { reason: 'Phones do not register' },
      at: await databaseNow(em),
    });
  });
}

describe('each process, signed in to the database as its own role,', () => {
  it('does its part: the API records, the sealer seals, either sees that it verifies', async () => {
    await joinKeyRing(sealer, key, []);
    await happen();
    expect(await sealEvents(sealer, key)).toBe(1);
    expect(await laggingTrees(sealer)).toEqual([]);
    expect(await growTree(sealer, key, customer)).toBe(true);
    expect(await unwitnessed(sealer, { url: '', key: { name: 'w', type: 'cosignature', publicKey: '' } }, 9)).toEqual([
      customer,
    ]);
    for (const database of [api, worker]) {
      const verified = await verifyChain(database, asSystem, customer, { publicKey: key.publicKey });
      expect(verified).toMatchObject({ valid: true, events: 1 });
    }
    expect(await api.standing({ subjectIds: [person] })).toBeDefined();
  });

  it('is no superuser, owns nothing and makes no roles', async () => {
    const client = new Client(logins.superuser);
    await client.connect();
    const { rows } = await client.query(
      `select rolname, rolsuper or rolbypassrls or rolreplication or rolcreatedb as almighty, rolcreaterole,
              exists (select 1 from pg_class where relowner = pg_roles.oid and relnamespace = 'public'::regnamespace) as owns
         from pg_roles where rolname like 'countersign%' and rolcanlogin order by rolname`,
    );
    await client.end();
    expect(rows).toEqual(
      [
        ['countersign_api', false],
        ['countersign_migrations', true],
        ['countersign_sealer', false],
        ['countersign_worker', false],
      ].map(([rolname, migrates]) => ({ rolname, almighty: false, rolcreaterole: migrates, owns: migrates })),
    );
  });

  it.each(['api', 'worker'] as const)('seals nothing with the password of the %s', async (process) => {
    await expect(sealEvents(process === 'api' ? api : worker, key)).rejects.toThrow('permission denied');
    expect(await signedInAs(process, 'set role countersign_sealer')).toMatch('permission denied');
    expect(await signedInAs(process, 'set role countersign_migrations')).toMatch('permission denied');
    expect(await signedInAs(process, 'select 1 from audit_seal')).toMatch('permission denied');
    for (const statement of [
      `delete from audit_seal`,
      `update audit_seal set hash = 'x'`,
      `insert into audit_seal (organization_id, position, event_id, previous_hash, hash) values ('${customer}', 2, '${person}', '', '')`,
      `update audit_checkpoint set position = 1`,
      `delete from audit_event`,
      `update audit_event set actor = '{}'`,
      `update audit_event set sealed_at = null`,
      'truncate audit_seal',
    ]) {
      expect(await signedInAs(process, 'set role countersign_system', statement)).toMatch('permission denied');
    }
    expect(
      await signedInAs(process, 'set role countersign_system', 'alter table audit_seal disable trigger all'),
    ).toMatch('must be owner');
  });

  it('neither changes nor removes a seal, and reads nobody else, with the password of the sealer', async () => {
    expect(await signedInAs('sealer', 'delete from audit_seal')).toMatch('permission denied');
    expect(await signedInAs('sealer', `update audit_seal set hash = 'x'`)).toMatch('permission denied');
    expect(await signedInAs('sealer', `update audit_event set personal = null`)).toMatch('permission denied');
    for (const table of ['session', 'account', '"grant"', 'membership']) {
      expect(await signedInAs('sealer', `select 1 from ${table}`)).toMatch('permission denied');
    }
    for (const role of ['countersign_system', 'countersign_tenant', 'countersign_standing', 'countersign_migrations']) {
      expect(await signedInAs('sealer', `set role ${role}`)).toMatch('permission denied');
    }
    await expect(sealer.transaction(asSystem, async (em) => em.execute('select 1'))).rejects.toThrow(
      'permission denied',
    );
  });

  it('is stopped by the triggers even as the owner of the tables, until they are taken off', async () => {
    expect(await signedInAs('migrations', 'delete from audit_seal')).toMatch('append-only');
    expect(await signedInAs('migrations', `update audit_seal set hash = 'x'`)).toMatch('only the sealer');
    expect(await signedInAs('migrations', `set session_replication_role = 'replica'`)).toMatch('permission denied');
  });

  it('leaves a trail that verifies after somebody was erased from it', async () => {
    await happen();
    await sealEvents(sealer, key);
    expect(await api.transaction(asSystem, (em) => erasePersonalData(em, customer, person))).toEqual(
      new Map([[customer, 2]]),
    );
    const verified = await verifyChain(worker, asSystem, customer, { publicKey: key.publicKey });
    expect(verified).toMatchObject({ valid: true, events: 2 });
  });
});
