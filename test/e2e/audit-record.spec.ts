import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { access, effectiveAccess, settings, standingOnRecord, type Access } from '#access';
import { exportEvents, readTrails, reportAccess, sealEvents, signingKeyFrom, verifyProof } from '#audit';
import { asSystem, subjectIn, type Standing } from '#persistence';
import { askFor, decide, setElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { countersign } from '../support/cli.ts';
import { environmentOf } from '../support/supervised-process.ts';
import { setEventfulDays, type EventfulDays } from '../support/eventful-days.ts';
import { Random } from '../support/random.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-record-'));
  world = await createWorld();
  await world.startWorker();
}, 120_000);

afterAll(async () => {
  await world?.stop();
  await rm(folder, { recursive: true, force: true });
});

const publishedKeys = async () => (await world.visitor.get('/.well-known/countersign-audit')).body.keys;

/** A decision on the customer's record, sealed. */
async function decided() {
  const stage = await setElevationStage(world);
  const id = await askFor(stage);
  await decide(stage.admin, id, 'approve');
  const events = `/v1/organizations/${stage.customerId}/audit-events`;
  const { admin } = stage;
  const approved = await eventually(async () => {
    const { body } = await admin.http.get(`${events}?action=elevation.approved`);
    expect(body.items[0].position).toEqual(expect.any(Number));
    return body.items[0];
  });
  return { stage, events, approved };
}

const textOf = async (token: string | null, path: string) => {
  const response = await fetch(`${world.baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, text: await response.text() };
};

describe('the record of a decision', () => {
  it('is proven by one command and verified offline; names only where they are disclosed', async () => {
    const { stage, approved } = await decided();
    const environment = { COUNTERSIGN_TOKEN: stage.admin.http.token ?? '' };
    const where = ['--organization', stage.customerId, '--url', world.baseUrl];
    const proven = await countersign(['audit', 'prove', approved.id, ...where], environment);
    expect(proven).toMatchObject({ code: 0, output: expect.stringContaining('c2sp.org/tlog-proof@v1') });
    const file = join(folder, 'decision.tlog-proof');
    await writeFile(file, proven.output);
    const publicKey = signingKeyFrom(world.config.signingKey).publicKey;
    const verified = await countersign(['audit', 'verify', file, '--public-key', publicKey]);
    expect(verified).toMatchObject({ code: 0, output: expect.stringContaining(`Valid: event ${approved.id}`) });
    expect(verified.output).toContain('elevation.approved');
    const proof = `/v1/organizations/${stage.customerId}/audit-events/proof?eventId=${approved.id}`;
    const disclosed = verifyProof((await textOf(stage.admin.http.token, `${proof}&personal=true`)).text);
    expect(disclosed).toMatchObject({ valid: true, event: { id: approved.id, personal: expect.any(Object) } });
    expect(verifyProof(proven.output)).toMatchObject({ valid: true, event: { personal: null } });
  }, 180_000);

  it('is told to whoever reads the trail, and to nobody else', async () => {
    const { events, approved } = await decided();
    const stranger = await setElevationStage(world);
    for (const path of ['checkpoint', 'consistency?from=0&to=1', `proof?eventId=${approved.id}`]) {
      expect((await textOf(stranger.admin.http.token, `${events}/${path}`)).status).toBe(404);
      expect((await textOf(null, `${events}/${path}`)).status).toBe(401);
    }
  });

  it('refuses what never was: a size above the trail, another order, an event of somebody else', async () => {
    const { stage, events } = await decided();
    const other = await decided();
    const { token } = stage.admin.http;
    for (const path of [
      'consistency?from=0&to=100000',
      'consistency?from=2&to=1',
      `proof?eventId=${other.approved.id}`,
    ]) {
      expect((await textOf(token, `${events}/${path}`)).status).toBe(404);
    }
    for (const path of ['consistency?from=-1&to=1', 'consistency?from=1', 'proof?eventId=x']) {
      expect((await textOf(token, `${events}/${path}`)).status).toBe(400);
    }
  });

  it('is countersigned by a witness that looks at it, and later compared with what it saw', async () => {
    const { stage, events } = await decided();
    const { token } = stage.admin.http;
    const publicKey = signingKeyFrom(world.config.signingKey).publicKey;
    const state = join(folder, 'witness.json');
    const argument = ['audit', 'witness', '--once', '--url', world.baseUrl, '--log-key', publicKey];
    argument.push('--name', 'witness.example/w1', '--state', state, '--organization', stage.customerId);
    const looked = await countersign(argument, {
      COUNTERSIGN_TOKEN: token ?? '',
      WITNESS_KEY: randomBytes(32).toString('base64'),
    });
    expect(looked).toMatchObject({ code: 0, output: expect.stringContaining('countersigned') });
    const file = join(folder, 'trail.jsonl');
    const lines = (await textOf(token, `${events}/export`)).text;
    await writeFile(file, lines);
    const same = await countersign(['audit', 'verify', file, '--public-key', publicKey, '--against', state]);
    expect(same).toMatchObject({ code: 0, output: expect.stringContaining('Valid: ') });
  }, 180_000);
});

/** Everything that evaluation answered at one moment, by person, organization and setting. */
interface Moment {
  at: Date;
  standing: Standing;
}

const partnerWide = ['partner_full_administrator', 'partner_read_only_administrator'];
/** The same answer for the same reasons, in any order. */
const inShort = ({ level, restriction, reasons }: Access) => ({
  level,
  restriction,
  reasons: [...new Set(reasons.map(({ kind, id, until }) => `${kind} ${id} ${until?.toISOString() ?? ''}`))].sort(),
});

describe('who had access', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const random = new Random(seed);
  const moments: Moment[] = [];
  const files = new Map<string, string>();
  const lines = new Map<string, string[]>();
  let days: EventfulDays;

  const exportOf = async (organizationId: string) => {
    const read: string[] = [];
    for await (const line of exportEvents(world.database, asSystem, organizationId)) read.push(line.trimEnd());
    lines.set(organizationId, read);
    const file = join(folder, `${organizationId}.jsonl`);
    await writeFile(file, `${read.join('\n')}\n`);
    files.set(organizationId, file);
  };

  beforeAll(async () => {
    days = await setEventfulDays(world, random);
    const subjectIds = days.people.map(({ accountId }) => accountId);
    const organizationIds = [days.partner, ...days.customers].map(({ id }) => id);
    const look = async () => {
      const standing = await world.database.standing({ subjectIds, organizationIds });
      moments.push({ at: standing.now, standing });
    };
    await look();
    for (let left = 120; left > 0; left -= 1) {
      await days.happen();
      await look();
    }
    const [customer] = days.customers;
    const path = `/v1/organizations/${customer?.id}/relationships`;
    const { body } = await customer!.first.http.get(path);
    await customer!.first.http.delete(`${path}/${body.items[0].id}`);
    await look();
    while ((await sealEvents(world.database, signingKeyFrom(world.config.signingKey))) > 0);
    await eventually(async () => {
      const unsealed = await world.database.transaction(asSystem, (em) =>
        em.execute<{ id: string }[]>('select id from audit_event where sealed_at is null limit 1'),
      );
      expect(unsealed).toEqual([]);
    });
    for (const id of organizationIds) await exportOf(id);
  }, 240_000);

  const live = ({ standing, at }: Moment, accountId: string, organizationId: string, setting: string) =>
    access(subjectIn(standing, accountId), standing.organizations.get(organizationId)!, setting, at);

  const among = <T>(items: readonly T[]): T => items[random.below(items.length)]!;

  it('is told by the exports as evaluation answered at the time, for 1,000 people, settings and moments', async () => {
    const { changes, untold } = await readTrails([...lines.values()], {});
    expect(untold).toBe(0);
    let permitted = 0;
    for (let left = 1_000; left > 0; left -= 1) {
      const moment = among(moments);
      const [{ accountId }, { id }, setting] = [
        among(days.people),
        among([days.partner, ...days.customers]),
        among(settings),
      ];
      const expected = live(moment, accountId, id, setting);
      const record = standingOnRecord(changes, moment.at);
      const told = access(record.subject(accountId), record.target(id)!, setting, moment.at);
      expect({ seed, accountId, setting, ...inShort(told) }).toEqual({
        seed,
        accountId,
        setting,
        ...inShort(expected),
      });
      if (expected.level !== 'none') permitted += 1;
    }
    expect(permitted).toBeGreaterThan(100);
  }, 120_000);

  it('is told by the customer’s export alone, but for a partner’s administrators of all its customers', async () => {
    for (const { id } of days.customers) {
      const trail = await readTrails([lines.get(id)!], {});
      for (const moment of moments) {
        const report = reportAccess(trail, { organizationId: id, when: { at: moment.at } });
        for (const { accountId } of days.people) {
          const { settings: all } = effectiveAccess(
            subjectIn(moment.standing, accountId),
            moment.standing.organizations.get(id)!,
            moment.at,
          );
          const comparable = all.filter(({ reasons }) => !reasons.some((reason) => partnerWide.includes(reason.id)));
          const told = new Map(
            report.access.filter((one) => one.accountId === accountId).map((one) => [one.setting, one.level]),
          );
          const levels = (of: (one: Access) => string) => comparable.map((one) => `${one.setting} ${of(one)}`);
          expect({ seed, levels: levels(({ setting }) => told.get(setting) ?? 'none') }).toEqual({
            seed,
            levels: levels(({ level }) => level),
          });
        }
        expect(report.partnersNotTold).toEqual([days.partner.id]);
      }
    }
  }, 120_000);

  it('is one command, offline, as text, JSON, CSV and a page', async () => {
    const [customer] = days.customers;
    const { first, id } = customer!;
    const { at } = moments[3]!;
    const argument = [
      'audit',
      'report',
      files.get(id)!,
      files.get(days.partner.id)!,
      '--organization',
      id,
      '--at',
      at.toISOString(),
    ];
    const json = await countersign([...argument, '--format', 'json', '--person', first.displayName]);
    expect(json).toMatchObject({ code: 0, errors: '' });
    const report = JSON.parse(json.output);
    expect(report).toMatchObject({ organizationId: id, at: at.toISOString(), partnersNotTold: [], untoldEvents: 0 });
    expect(report.access).toContainEqual(
      expect.objectContaining({
        accountId: first.accountId,
        name: first.displayName,
        setting: 'assign_administrator_roles',
        level: 'write',
      }),
    );
    expect(await countersign([...argument, '--format', 'html'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('<!doctype html>'),
    });
    const period = ['audit', 'report', files.get(id)!, '--from', moments[0]!.at.toISOString()];
    const csv = await countersign([...period, '--format', 'csv']);
    expect(csv).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^person,name,setting,what,level,restriction,from,to,because\r\n/),
    });
    const audited = await countersign([...period, '--template', 'soc2']);
    expect(audited).toMatchObject({ code: 0, output: expect.stringContaining('CC6.1 CC6.3') });
  }, 240_000);

  it('is not told from an export that was changed, nor of a time after it', async () => {
    const [customer] = days.customers;
    const file = join(folder, 'changed.jsonl');
    const changed = lines
      .get(customer!.id)!
      .map((line) => line.replace('"full_administrator"', '"device_administrator"'));
    await writeFile(file, `${changed.join('\n')}\n`);
    expect(await countersign(['audit', 'report', file])).toMatchObject({
      code: 2,
      output: '',
      errors: expect.stringContaining('not valid'),
    });
    const later = await countersign(['audit', 'report', files.get(customer!.id)!, '--at', '2999-01-01']);
    expect(later).toMatchObject({ code: 64, errors: expect.stringContaining('tells of nothing later') });
  }, 120_000);
});

describe('the signing key', () => {
  it('is published for everybody, as `countersign keys public` prints it', async () => {
    const { output } = await countersign(['keys', 'public'], environmentOf(world));
    expect(await publishedKeys()).toMatchObject([{ publicKey: output.trim(), endorsement: null, acceptance: null }]);
  });

  it('is changed by one command that leaves a link both keys have signed', async () => {
    const environment = environmentOf(world);
    const next = randomBytes(32).toString('base64');
    const [before] = await publishedKeys();
    const rotated = await countersign(['keys', 'rotate'], { ...environment, NEXT_SIGNING_KEY: next });
    expect(rotated).toMatchObject({ code: 0, output: expect.stringContaining('Both keys have signed it') });
    const { output } = await countersign(['keys', 'public'], { ...environment, SIGNING_KEY: next });
    const [first, second] = await publishedKeys();
    expect(first).toEqual(before);
    expect(second).toMatchObject({ publicKey: output.trim() });
    expect([second.endorsement, second.acceptance]).toEqual([expect.any(String), expect.any(String)]);
  }, 180_000);

  it('is not changed by whoever has no key of the ring, and says what is missing', async () => {
    const environment = environmentOf(world);
    const foreign = { SIGNING_KEY: randomBytes(32).toString('base64') };
    const next = { NEXT_SIGNING_KEY: randomBytes(32).toString('base64') };
    const before = await publishedKeys();
    const refused = await countersign(['keys', 'rotate'], { ...environment, ...foreign, ...next });
    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('none of the keys') });
    const without = await countersign(['keys', 'rotate'], environment);
    expect(without).toMatchObject({ code: 1, errors: expect.stringContaining('NEXT_SIGNING_KEY is missing') });
    expect(await publishedKeys()).toEqual(before);
  }, 180_000);
});
