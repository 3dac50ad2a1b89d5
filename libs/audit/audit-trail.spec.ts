import { MikroORM } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uuidv7 } from 'uuidv7';
import type { AuditQuery } from '#contracts';
import { asSealer, asSystem, Database, type TenancyContext } from '#persistence';
import { createMigratedDatabase, type MigratedDatabase } from '../../test/support/migrated-database.ts';
import {
  erasePersonalData,
  exportEvents,
  listEvents,
  record,
  sealEvents,
  signingKeyFrom,
  verifyChain,
  verifyExport,
  type Occurrence,
} from './index.ts';
import { sealerLock } from './sealer-lock.ts';

const key = signingKeyFrom(Buffer.alloc(32, 7));
const trusted = { publicKey: key.publicKey };

let migrated: MigratedDatabase;
let database: Database;
/** Somebody who can write to the database as its owner, triggers or not. */
let intruder: MikroORM;

beforeAll(async () => {
  migrated = await createMigratedDatabase();
  database = await Database.open({ databaseUrl: migrated.url });
  intruder = new MikroORM({
    clientUrl: migrated.url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    pool: { max: 1 },
  });
  await intruder.connect();
  await intruder.em.getConnection().execute('set session_replication_role = replica');
});

afterAll(async () => {
  await intruder.close(true);
  await database.close();
  await migrated.drop();
});

const tamper = (sql: string, parameters: unknown[]) => intruder.em.getConnection().execute(sql, parameters);

function happened(organizationIds: string[], more: Partial<Occurrence> = {}): Occurrence {
  return {
    action: 'elevation.approved',
    actor: { kind: 'account', id: uuidv7(), by: 'full_administrator' },
    organizationIds,
    subject: { kind: 'elevation', id: uuidv7() },
    facts: { seconds: 3600, ratio: 0.1, nested: { b: null, a: ['ü', 1e21] } },
    personal: { reason: 'Call quality\n"drops"? {a,b} \\ \u2028', sourceAddress: '192.0.2.1' },
    at: new Date('2026-11-22T09:30:00.120Z'),
    ...more,
  };
}

async function recordAll(...occurrences: Occurrence[]): Promise<string[]> {
  return database.transaction(asSystem, async (em) => {
    const ids: string[] = [];
    for (const occurrence of occurrences) {
      const event = record(em, occurrence);
      // One by one, so that they are recorded in this order.
      await em.flush();
      em.clear();
      ids.push(event.id);
    }
    return ids;
  });
}

const seal = (batchSize = 100) => sealEvents(database, key, { batchSize });

async function linesOf(organizationId: string, context: TenancyContext = asSystem): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportEvents(database, context, organizationId)) lines.push(line);
  return lines;
}

const tenant = (organizationId: string): TenancyContext => ({
  kind: 'tenant',
  principal: `account:${uuidv7()}`,
  accountId: null,
  organizationIds: [organizationId],
  managed: [organizationId],
  reach: [organizationId],
});

let customer: string;
let partner: string;

beforeEach(async () => {
  while ((await seal()) > 0);
  customer = uuidv7();
  partner = uuidv7();
});

describe('sealing', () => {
  it('gives an event of two organizations its place in both chains, which then verify', async () => {
    await recordAll(happened([customer, partner]), happened([customer]), happened([partner, customer]));
    expect(await seal()).toBe(3);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({
      valid: true,
      events: 3,
      checkpoint: { position: 3 },
    });
    expect(await verifyChain(database, asSystem, partner, trusted)).toMatchObject({ valid: true, events: 2 });
  });

  it('goes on where it left off, batch by batch', async () => {
    await recordAll(...Array.from({ length: 7 }, () => happened([customer])));
    expect([await seal(3), await seal(3), await seal(3), await seal(3)]).toEqual([3, 3, 1, 0]);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 7 });
  });

  it('seals an event that was recorded early and committed late at its own time', async () => {
    const recorded = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const late = database.transaction(asSystem, async (em) => {
      const event = record(em, happened([customer], { action: 'elevation.requested' }));
      await em.flush();
      recorded.resolve();
      await commit.promise;
      return event.id;
    });
    await recorded.promise;
    await recordAll(happened([customer]));
    expect(await seal()).toBe(1);
    commit.resolve();
    const lateId = await late;
    expect(await seal()).toBe(1);
    const { items } = await database.transaction(asSystem, (em) => listEvents(em, customer, { limit: 10 }));
    expect(items.map(({ id, position }) => ({ id, position }))).toContainEqual({ id: lateId, position: 2 });
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 2 });
  });

  it('leaves the work to the sealer that came first, and holds up nobody who records', async () => {
    await recordAll(happened([customer]));
    await database.transaction(asSealer, async (em) => {
      // What a sealer holds while it works: its lock and the row it marks.
      await em.execute('select pg_advisory_xact_lock(?)', [sealerLock]);
      await em.execute('update audit_event set sealed_at = null where organization_ids @> array[?::uuid]', [customer]);
      expect(await seal()).toBe(0);
      await recordAll(happened([customer]));
    });
    expect(await seal()).toBe(2);
  });

  it('seals each event once when several sealers run at the same time', async () => {
    await recordAll(...Array.from({ length: 40 }, () => happened([customer, partner])));
    let sealed = 0;
    // A sealer that finds another one at work gets 0 and tries again.
    const sealUntilDone = async () => {
      for (let round = 0; sealed < 40 && round < 2000; round += 1) {
        const count = await seal(5);
        sealed += count;
      }
    };
    await Promise.all(Array.from({ length: 4 }, sealUntilDone));
    expect({ sealed, left: await seal() }).toEqual({ sealed: 40, left: 0 });
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 40 });
  });

  it('passes an event of no organization, and one that names an organization twice', async () => {
    const [, twice] = await recordAll(happened([]), happened([customer]));
    await tamper('update audit_event set organization_ids = organization_ids || organization_ids where id = ?', [
      twice,
    ]);
    expect([await seal(), await seal()]).toEqual([2, 0]);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 1 });
  });

  it('does not fill the gap somebody cut into the end of a chain', async () => {
    await recordAll(happened([customer]), happened([customer]), happened([customer]));
    await seal();
    await tamper('delete from audit_seal where organization_id = ? and position > 1', [customer]);
    await recordAll(happened([customer]));
    await seal();
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({
      valid: false,
      firstInvalid: { position: 2, why: 'missing' },
    });
  });
});

describe('the chain in the database', () => {
  const tampering: [string, string, object][] = [
    ['an outcome', "update audit_event set outcome = 'refused' where id = ?", { why: 'changed', position: 3 }],
    ['a fact', `update audit_event set facts = '{"seconds":1}' where id = ?`, { why: 'changed', position: 3 }],
    [
      'a reason',
      `update audit_event set personal = '{"reason":"x"}' where id = ?`,
      { why: 'personal_data_changed', position: 3 },
    ],
    ['a time', "update audit_event set at = at + interval '1 second' where id = ?", { why: 'changed', position: 3 }],
    ['a deleted event', 'delete from audit_event where id = ?', { why: 'missing', position: 3 }],
    ['a deleted seal', 'delete from audit_seal where event_id = ?', { why: 'missing', position: 3 }],
  ];

  it.each(tampering)(
    'shows %s that somebody tampered with, in place and in an export',
    async (_what, sql, expected) => {
      const ids = await recordAll(...Array.from({ length: 5 }, () => happened([customer])));
      await seal();
      await tamper(sql, [ids[2]]);
      expect((await verifyChain(database, asSystem, customer, trusted)).firstInvalid).toMatchObject(expected);
      expect((await verifyExport(await linesOf(customer), trusted)).firstInvalid).toMatchObject(expected);
    },
  );

  it('shows two events that changed places', async () => {
    const [first, second] = await recordAll(happened([customer]), happened([customer]), happened([customer]));
    await seal();
    const move = 'update audit_seal set event_id = ? where organization_id = ? and event_id = ?';
    const aside = uuidv7();
    await tamper(move, [aside, customer, first]);
    await tamper(move, [first, customer, second]);
    await tamper(move, [second, customer, aside]);
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({
      valid: false,
      firstInvalid: { position: 1, id: second, why: 'changed' },
    });
  });

  it('shows that its tail and its checkpoint are gone', async () => {
    await recordAll(happened([customer]), happened([customer]));
    await seal();
    await tamper('delete from audit_checkpoint where organization_id = ?', [customer]);
    expect((await verifyChain(database, asSystem, customer, trusted)).firstInvalid).toEqual({
      position: 1,
      why: 'not_covered',
    });
  });

  it.each([
    ['changes a seal', "update audit_seal set hash = 'x' where organization_id = ?"],
    ['removes a seal', 'delete from audit_seal where organization_id = ?'],
    ['takes a checkpoint back', 'update audit_checkpoint set position = position - 1 where organization_id = ?'],
    ['removes a checkpoint', 'delete from audit_checkpoint where organization_id = ?'],
    ['changes an event', "update audit_event set outcome = 'refused' where organization_ids @> array[?::uuid]"],
    ['removes an event', 'delete from audit_event where organization_ids @> array[?::uuid]'],
  ])('refuses whoever %s, the system role included', async (_what, sql) => {
    await recordAll(happened([customer]));
    await seal();
    await expect(database.transaction(asSystem, (em) => em.execute(sql, [customer]))).rejects.toThrow(
      /append-only|permission denied/,
    );
  });
});

describe('who may write the sealed trail', () => {
  const writes = [
    "insert into audit_seal (organization_id, position, event_id, previous_hash, hash) values (?, 1, gen_random_uuid(), 'x', 'y')",
    "insert into audit_checkpoint (organization_id, position, hash, at, key_id, public_key, signature) values (?, 9, 'x', now(), 'k', 'p', 's')",
  ];

  it.each(writes)('is the sealer alone, neither the API and the worker nor a tenant: %s', async (sql) => {
    for (const context of [asSystem, tenant(customer)]) {
      await expect(database.transaction(context, (em) => em.execute(sql, [customer]))).rejects.toThrow(
        'permission denied',
      );
    }
  });

  it.each([...writes, "update audit_checkpoint set hash = 'x' where organization_id = ?"])(
    'is not even who owns the tables, as long as the triggers are on: %s',
    async (sql) => {
      await tamper('set session_replication_role = origin', []);
      try {
        await expect(tamper(sql, [customer])).rejects.toThrow('only the sealer writes');
      } finally {
        await tamper('set session_replication_role = replica', []);
      }
    },
  );

  it('lets the sealer write nothing but the trail: no event, no word of one', async () => {
    const [eventId] = await recordAll(happened([customer]));
    for (const sql of [
      'update audit_event set personal = null where id = ?',
      'delete from audit_event where id = ?',
      'update organization set name = ? where true',
    ]) {
      await expect(database.transaction(asSealer, (em) => em.execute(sql, [eventId]))).rejects.toThrow(
        'permission denied',
      );
    }
  });
});

describe('exporting', () => {
  it('gives a file that verifies offline, over more than one page', async () => {
    for (let left = 11; left > 0; left -= 1) {
      await recordAll(...Array.from({ length: 100 }, () => happened([customer])));
    }
    expect(await seal(2000)).toBe(1100);
    const lines = await linesOf(customer);
    expect(lines).toHaveLength(1102);
    expect(await verifyExport(lines, trusted)).toMatchObject({
      valid: true,
      events: 1100,
      checkpoint: { position: 1100 },
    });
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 1100 });
  });

  it('leaves what is sealed while it runs for the next export', async () => {
    await recordAll(happened([customer]));
    await seal();
    const lines: string[] = [];
    for await (const line of exportEvents(database, asSystem, customer)) {
      lines.push(line);
      if (lines.length > 1) continue;
      await recordAll(happened([customer]));
      await seal();
    }
    expect(await verifyExport(lines, trusted)).toMatchObject({ valid: true, events: 1 });
  });

  it('gives each side of a two-sided act the event, and a third organization nothing', async () => {
    await recordAll(happened([customer, partner]));
    await seal();
    expect(await verifyExport(await linesOf(customer, tenant(customer)), trusted)).toMatchObject({
      valid: true,
      events: 1,
    });
    expect(await verifyExport(await linesOf(partner, tenant(partner)), trusted)).toMatchObject({
      valid: true,
      events: 1,
    });
    const foreign = await linesOf(customer, tenant(uuidv7()));
    expect(foreign.map((line) => JSON.parse(line).type)).toEqual(['header', 'trailer']);
    expect(JSON.parse(foreign[0] ?? '')).toMatchObject({ witnessed: [] });
    expect(JSON.parse(foreign[1] ?? '')).toMatchObject({ count: 0, checkpoint: null });
  });
});

describe('erasing a person', () => {
  it('takes their words, address and name out of every trail, and the trails verify as before', async () => {
    const person = uuidv7();
    const other = uuidv7();
    const names = { [person]: 'Ada Lovelace' };
    await recordAll(
      happened([customer, partner], {
        actor: { kind: 'account', id: person },
        personal: { reason: 'Ada asked', names },
      }),
      happened([customer], { subject: { kind: 'account', id: person }, personal: { reason: 'Ada left' } }),
      happened([customer], { personal: { reason: 'for Ada', names: { ...names, [other]: 'Grace' } } }),
      happened([customer], { personal: { reason: 'nothing of hers', names: { [other]: 'Grace' } } }),
    );
    await seal();
    expect(await database.transaction(asSystem, (em) => erasePersonalData(em, customer, person))).toEqual(
      new Map([customer, partner].sort().map((id) => [id, id === customer ? 3 : 1])),
    );
    const lines = await linesOf(customer);
    expect(lines.join('')).not.toContain('Ada');
    expect(lines.join('')).toContain('nothing of hers');
    expect(await verifyExport(lines, trusted)).toMatchObject({ valid: true, events: 4 });
    expect(await verifyChain(database, asSystem, partner, trusted)).toMatchObject({ valid: true, events: 1 });
  });

  it('works before the event is sealed, too, and a second time changes nothing', async () => {
    const person = uuidv7();
    await recordAll(happened([customer], { actor: { kind: 'account', id: person } }));
    const erase = () => database.transaction(asSystem, (em) => erasePersonalData(em, customer, person));
    expect([await erase(), await erase()]).toEqual([new Map([[customer, 1]]), new Map()]);
    await seal();
    expect(await verifyChain(database, asSystem, customer, trusted)).toMatchObject({ valid: true, events: 1 });
  });
});

const list = (query: Partial<AuditQuery> = {}) =>
  database.transaction(tenant(customer), (em) => listEvents(em, customer, { limit: 50, ...query }));

describe('listing', () => {
  it('shows the newest first, the unsealed without a position', async () => {
    const agent = uuidv7();
    const [first, second] = await recordAll(happened([customer]), happened([customer]));
    await seal();
    const [third] = await recordAll(
      happened([customer], {
        actor: { kind: 'account', id: agent, by: 'grant' },
        personal: { reason: 'Ticket 4711', names: { [agent]: 'Ada Lovelace' } },
      }),
    );
    const { items, nextCursor } = await list();
    expect(items.map(({ id, position }) => [id, position])).toEqual([
      [third, null],
      [second, 2],
      [first, 1],
    ]);
    expect(nextCursor).toBeNull();
    expect(items[0]).toMatchObject({
      actor: { kind: 'account', id: agent, by: 'grant', displayName: 'Ada Lovelace' },
      organizationIds: [customer],
      reason: 'Ticket 4711',
      sourceAddress: null,
      outcome: 'success',
      at: '2026-11-22T09:30:00.120Z',
    });
  });

  it('filters by action, feature, outcome, subject and actor', async () => {
    const subject = { kind: 'invite', id: uuidv7() };
    const actor = { kind: 'service' as const, id: uuidv7() };
    const [approved, denied, invited] = await recordAll(
      happened([customer]),
      happened([customer], { action: 'elevation.denied', outcome: 'refused' }),
      happened([customer], { action: 'invite.created', subject, actor }),
    );
    for (const sealed of [false, true]) {
      if (sealed) await seal();
      const idsOf = async (query: Partial<AuditQuery>) => (await list(query)).items.map(({ id }) => id);
      expect(await idsOf({ action: 'elevation.approved' })).toEqual([approved]);
      expect(await idsOf({ action: 'elevation.' })).toEqual([denied, approved]);
      expect(await idsOf({ action: 'elevation' })).toEqual([]);
      expect(await idsOf({ outcome: 'refused' })).toEqual([denied]);
      expect(await idsOf({ subjectId: subject.id })).toEqual([invited]);
      expect(await idsOf({ actorId: actor.id, action: 'invite.' })).toEqual([invited]);
    }
  });

  it('pages without a double or a gap while the sealer works', async () => {
    const sealedIds = await recordAll(...Array.from({ length: 5 }, () => happened([customer])));
    await seal();
    const unsealedIds = await recordAll(...Array.from({ length: 5 }, () => happened([customer])));
    const expected = [...sealedIds, ...unsealedIds].toReversed();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list({ limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      if (seen.length === 2) {
        await recordAll(happened([customer]));
        await seal(3);
      }
      if (seen.length === 6) await seal();
    } while (cursor);
    expect(seen).toEqual(expected);
  });

  it('shows nothing of another organization, and refuses a cursor of somebody else’s making', async () => {
    await recordAll(happened([partner]));
    expect((await list()).items).toEqual([]);
    await expect(list({ cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});
