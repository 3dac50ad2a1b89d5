import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '#config';
import { forgetWhatIsOver } from '#decisions';
import { asSystem } from '#persistence';
import { person, organization, type Cast } from '../support/cast.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let somebody: Cast;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  const customerId = await organization(world, 'customer', { name: 'Harbour' });
  somebody = await person(world, 'Somebody', [{ in: customerId, roles: ['full_administrator'] }]);
}, 60_000);

afterAll(() => world?.stop());

const sql = <Row extends object>(statement: string, values: unknown[] = []) =>
  world.database.transaction(asSystem, (em) => em.execute<Row[]>(statement, values));

const count = async (rows: string): Promise<number> => {
  const [row] = await sql<{ count: string }>(`select count(*) from ${rows}`);
  return Number(row?.count);
};

const kept = { sessions: 30, resets: 7, nudges: 30 };
const forget = () => forgetWhatIsOver(world.database, kept, new AbortController().signal);

describe('what is over', () => {
  it('is kept for as long as the environment says, by kind', () => {
    expect(loadConfig({}).retention).toEqual(kept);
    const said = loadConfig({ SESSIONS_KEPT_DAYS: '1', RESETS_KEPT_DAYS: '2', NUDGES_KEPT_DAYS: '3' });
    expect(said.retention).toEqual({ sessions: 1, resets: 2, nudges: 3 });
    expect(() => loadConfig({ SESSIONS_KEPT_DAYS: '0' })).toThrow('SESSIONS_KEPT_DAYS');
  });

  it('sessions go when they ended so long ago, by their time or by hand, and no other does', async () => {
    const session = (name: string, expires: string, revoked: string) =>
      sql(
        `insert into session (id, account_id, token_digest, method, last_seen_at, expires_at, revoked_at)
         values (gen_random_uuid(), ?, ?, 'password', now(), now() + ?::interval, now() + ?::interval)`,
        [somebody.accountId, name, expires, revoked],
      );
    await session('expired long ago', '-31 days', 'infinity');
    await session('revoked long ago', '300 days', '-31 days');
    await session('expired lately', '-29 days', 'infinity');
    await session('revoked lately', '300 days', '-29 days');
    await sql(`update session set revoked_at = null where revoked_at = 'infinity'`);
    expect(await forget()).toBe(2);
    const left = await sql<{ token_digest: string }>(`select token_digest from session where token_digest like '% %'`);
    expect(left.map(({ token_digest: name }) => name).sort()).toEqual(['expired lately', 'revoked lately']);
    expect((await somebody.http.get('/v1/me')).status).toBe(200);
  });

  it('resets go with the mails about them, unless one is on its way', async () => {
    const reset = async (expires: string, status: string) => {
      const [row] = await sql<{ id: string }>(
        `insert into password_reset (id, account_id, expires_at) values (gen_random_uuid(), ?, now() + ?::interval) returning id`,
        [somebody.accountId, expires],
      );
      await sql(
        `insert into mail_delivery (id, kind, row_id, recipient_key, organization_ids, status)
         values (gen_random_uuid(), 'password-reset', ?, ?, '{}', ?)`,
        [row?.id, expires + status, status],
      );
    };
    await reset('-8 days', 'sent');
    await reset('-8 days', 'planned');
    await reset('-6 days', 'sent');
    expect(await forget()).toBe(1);
    expect([await count('password_reset'), await count('mail_delivery')]).toEqual([2, 2]);
    expect(await count(`mail_delivery where recipient_key = '-8 dayssent'`)).toBe(0);
  });

  it('goes in batches, of two workers each some, and leaves what was not delivered', async () => {
    await sql('delete from workflow_nudge');
    await sql(
      `insert into workflow_nudge (workflow_id, workflow_type, row_id, requested_at, delivered_revision)
       select 'old:' || n, 'elevation', gen_random_uuid(), now() - interval '31 days', case when n <= 3 then 0 else 1 end
         from generate_series(1, 1203) n`,
    );
    await sql(
      `insert into workflow_nudge (workflow_id, workflow_type, row_id, requested_at, delivered_revision)
       values ('new', 'elevation', gen_random_uuid(), now(), 1)`,
    );
    const [first, second] = await Promise.all([forget(), forget()]);
    expect((first ?? 0) + (second ?? 0)).toBe(1200);
    expect(await count('workflow_nudge')).toBe(4);
    expect(await forget()).toBe(0);
  });

  it('is left alone once the worker is told to end', async () => {
    await sql(`update workflow_nudge set delivered_revision = 1`);
    expect(await forgetWhatIsOver(world.database, kept, AbortSignal.abort())).toBe(0);
  });
});
