import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, MailDelivery } from '#persistence';
import { organization, person, relationship, type Cast } from '../support/cast.ts';
import type { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

/** What clients of the elevation routes rely on: one answer per key, versions, waiting, lists, and a 4xx for bad input. */
let world: World;
let partnerId: string;
let agent: Cast;
let partnersAdmin: Cast;
let stranger: Cast;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  partnerId = await organization(world, 'partner', { name: 'Northwind' });
  agent = await person(world, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
  partnersAdmin = await person(world, 'Partner admin', [{ in: partnerId, roles: ['full_administrator'] }]);
  const elsewhere = await organization(world, 'customer');
  stranger = await person(world, 'Stranger', [{ in: elsewhere, roles: ['full_administrator'] }]);
}, 120_000);

afterAll(() => world?.stop());

async function customerWithAdministrator(policy: Record<string, number> = {}): Promise<{ id: string; admin: Cast }> {
  const id = await organization(world, 'customer', { name: 'Harbour', policy });
  await relationship(world, partnerId, id);
  return { id, admin: await person(world, 'Admin', [{ in: id, roles: ['full_administrator'] }]) };
}

const ask = (http: HttpClient, body: object, headers: Record<string, string> = {}) =>
  http.post('/v1/elevations', { reason: 'Phones do not register', ...body }, headers);

describe('an Idempotency-Key', () => {
  it('gives the same answer again, byte for byte and with the same ETag, and makes nothing new', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const headers = { 'Idempotency-Key': `key-${customerId}` };
    const first = await ask(agent.http, { customerId }, headers);
    expect(first.status).toBe(201);
    const again = await ask(agent.http, { customerId }, headers);
    expect(again.status).toBe(201);
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(first.body));
    for (const header of ['location', 'etag']) expect(again.headers.get(header)).toBe(first.headers.get(header));

    const trail = await admin.http.get(`/v1/organizations/${customerId}/audit-events?action=elevation.requested`);
    expect(trail.body.items).toHaveLength(1);
    const listed = await agent.http.get(`/v1/elevations?customerId=${customerId}`);
    expect(listed.body.items).toHaveLength(1);
  });

  it('answers five requests at once with one elevation', async () => {
    const { id: customerId } = await customerWithAdministrator();
    const headers = { 'Idempotency-Key': `key-${customerId}` };
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(agent.http, { customerId }, headers)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it('refuses another body under the same key, and belongs to the principal', async () => {
    const { id: customerId } = await customerWithAdministrator();
    const headers = { 'Idempotency-Key': `key-${customerId}` };
    await ask(agent.http, { customerId }, headers);
    expect(await ask(agent.http, { customerId, reason: 'Another' }, headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    const colleague = await person(world, 'Colleague', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
    const theirs = await ask(colleague.http, { customerId, reason: 'Another' }, headers);
    expect(theirs).toMatchObject({ status: 201, body: { requester: { id: colleague.accountId } } });
  });

  it('is not used up by a refusal', async () => {
    const { id: customerId } = await customerWithAdministrator();
    const headers = { 'Idempotency-Key': `key-${customerId}` };
    expect((await ask(agent.http, { customerId, durationSeconds: 86_400 }, headers)).status).toBe(400);
    expect((await ask(agent.http, { customerId }, headers)).status).toBe(201);
  });

  it.each([' ', 'x'.repeat(201), 'two words'])('must be visible ASCII: %j', async (key) => {
    const { id: customerId } = await customerWithAdministrator();
    expect((await ask(agent.http, { customerId }, { 'Idempotency-Key': key })).status).toBe(400);
  });
});

describe('versions', () => {
  it('refuses a decision on what has changed since it was read, and takes one on what is there', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId });
    const path = `/v1/elevations/${asked.body.id}`;
    const read = await admin.http.get(path);
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect(asked.headers.get('etag')).toBe(etag);

    expect(await admin.http.post(`${path}/approve`, {}, { 'If-Match': '"stale"' })).toMatchObject({
      status: 412,
      body: { code: 'version_mismatch' },
    });
    expect((await admin.http.get(path)).body.status).toBe('pending');
    const approved = await admin.http.post(`${path}/approve`, {}, { 'If-Match': `"other", ${etag}` });
    expect(approved.status).toBe(200);
    expect((await admin.http.post(`${path}/revoke`, {}, { 'If-Match': etag })).status).toBe(412);
    const now = approved.headers.get('etag') ?? '';
    expect((await admin.http.post(`${path}/revoke`, {}, { 'If-Match': now })).status).toBe(200);
  });

  it('do not change because somebody looked at the request or used the grant', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId });
    const path = `/v1/elevations/${asked.body.id}`;
    const change = (set: string, table: string, column: string) =>
      world.database.transaction(asSystem, (em) =>
        em.execute(`update ${table} set ${set} = clock_timestamp() where ${column} = ?`, [asked.body.id]),
      );
    await change('seen_at', 'elevation', 'id');
    const seen = await admin.http.get(path);
    expect(seen.body.seenAt).not.toBeNull();
    expect(seen.headers.get('etag')).toBe(asked.headers.get('etag'));
    const approved = await admin.http.post(`${path}/approve`);
    await change('used_at', '"grant"', 'source_id');
    const used = await admin.http.get(path);
    expect(used.body.grant.usedAt).not.toBeNull();
    const etag = approved.headers.get('etag') ?? '';
    expect(used.headers.get('etag')).toBe(etag);
    expect((await admin.http.post(`${path}/revoke`, {}, { 'If-Match': etag })).status).toBe(200);
  });

  it('do not change because a mail went out', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId });
    const etag = asked.headers.get('etag') ?? '';
    const path = `/v1/elevations/${asked.body.id}`;
    await world.database.transaction(asSystem, async (em) => {
      em.create(MailDelivery, {
        kind: 'elevation.requested',
        rowId: asked.body.id,
        recipientKey: admin.accountId,
        organizationIds: [customerId, partnerId],
        status: 'sent',
      });
      await em.flush();
    });
    const read = await admin.http.get(path);
    expect(read.body.notifications.sent).toBe(1);
    expect(read.headers.get('etag')).toBe(etag);
    expect((await admin.http.post(`${path}/deny`, {}, { 'If-Match': etag })).status).toBe(200);
  });
});

describe('waiting', () => {
  it('answers at the next state, by a person or by time', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId, durationSeconds: 2 });
    const path = `/v1/elevations/${asked.body.id}`;
    const waiting = agent.http.get(`${path}?wait=20`);
    await admin.http.post(`${path}/approve`);
    expect((await waiting).body).toMatchObject({ status: 'approved', grant: { status: 'active' } });
    expect((await agent.http.get(`${path}?wait=20`)).body.grant.status).toBe('expired');
  });

  it('answers the present state where nothing changes', async () => {
    const { id: customerId } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId });
    expect((await agent.http.get(`/v1/elevations/${asked.body.id}?wait=1`)).body.status).toBe('pending');
    for (const wait of ['-1', '61', 'x', '1.5']) {
      expect((await agent.http.get(`/v1/elevations/${asked.body.id}?wait=${wait}`)).status).toBe(400);
    }
  });
});

describe('sight', () => {
  it('is for both sides, and for nobody else', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId, ticket: 'INC-1' });
    const path = `/v1/elevations/${asked.body.id}`;
    await admin.http.post(`${path}/approve`);
    const reader = await person(world, 'Reader', [{ in: customerId, roles: ['read_only_administrator'] }]);
    for (const { http } of [agent, admin, partnersAdmin, reader]) {
      const seen = await http.get(path);
      expect(seen).toMatchObject({
        status: 200,
        body: {
          status: 'approved',
          customerName: 'Harbour',
          partnerName: 'Northwind',
          requester: { displayName: 'Agent' },
          decidedBy: { displayName: 'Admin' },
          ticket: 'INC-1',
          grant: { status: 'active' },
        },
      });
      const grant = await http.get(`/v1/grants/${seen.body.grant.id}`);
      expect(grant).toMatchObject({
        status: 200,
        body: { kind: 'elevation', sourceId: asked.body.id, account: { displayName: 'Agent' }, status: 'active' },
      });
      const listed = await http.get(`/v1/grants?organizationId=${customerId}&status=active`);
      expect(listed.body.items.map((one: { id: string }) => one.id)).toEqual([seen.body.grant.id]);
    }

    const colleague = await person(world, 'Colleague', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
    const teammate = await person(world, 'Teammate', [{ in: customerId, workspaceRole: 'limited_access' }]);
    const grantId = (await admin.http.get(path)).body.grant.id;
    for (const { http } of [stranger, colleague, teammate]) {
      expect((await http.get(path)).status).toBe(404);
      expect((await http.get(`/v1/grants/${grantId}`)).status).toBe(404);
    }
    // To those who see the organization nothing of it is theirs; to whoever does not, it is not there.
    for (const list of [
      `elevations?customerId=${customerId}`,
      `grants?organizationId=${customerId}`,
      `help-desk-sessions?customerId=${customerId}`,
    ]) {
      for (const { http } of [colleague, teammate]) expect((await http.get(`/v1/${list}`)).body.items).toEqual([]);
      expect([list, (await stranger.http.get(`/v1/${list}`)).status]).toEqual([list, 404]);
    }
    expect((await world.visitor.get(path)).status).toBe(401);
  });

  it('shows the support team empty lists: it reads no tenant data', async () => {
    const { id: customerId } = await customerWithAdministrator();
    expect((await ask(agent.http, { customerId })).status).toBe(201);
    for (const list of ['elevations', 'grants', 'help-desk-sessions', 'external-administrator-requests']) {
      const answer = await world.support.get(`/v1/${list}`);
      expect([list, answer.status, answer.body]).toEqual([list, 200, { items: [], nextCursor: null }]);
    }
  });

  it('shows lists newest first, page by page, and by the state that counts now', async () => {
    const { id: customerId, admin } = await customerWithAdministrator({ elevationPendingSeconds: 2 });
    const colleagues = await Promise.all(
      Array.from({ length: 5 }, () => person(world, 'Colleague', [{ in: partnerId, roles: ['help_desk_advanced'] }])),
    );
    const ids: string[] = [];
    for (const { http } of colleagues) ids.push((await ask(http, { customerId })).body.id);
    await admin.http.post(`/v1/elevations/${ids[0]}/deny`);

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await admin.http.get(
        `/v1/elevations?customerId=${customerId}&limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      expect(page.body.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.body.items.map((one: { id: string }) => one.id));
      cursor = page.body.nextCursor;
    } while (cursor);
    expect(seen).toEqual(ids.toReversed());

    const list = async (status: string) =>
      (await admin.http.get(`/v1/elevations?customerId=${customerId}&status=${status}`)).body.items.length;
    expect(await list('denied')).toBe(1);
    await agent.http.get(`/v1/elevations/${ids[4]}?wait=1`);
    await admin.http.get(`/v1/elevations/${ids[4]}?wait=3`);
    expect([await list('pending'), await list('expired'), await list('denied')]).toEqual([0, 4, 1]);

    for (const query of [
      'limit=0',
      'limit=201',
      'limit=x',
      'cursor=%00',
      'cursor=bm90LWFuLWlk',
      'status=open',
      'customerId=1',
    ]) {
      expect([query, (await admin.http.get(`/v1/elevations?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('bad input', () => {
  it('gets its 4xx with pointers, and nothing is made', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const bad: [object, string][] = [
      [{ customerId: 'x' }, '/customerId'],
      [{ customerId: 7 }, '/customerId'],
      [{ customerId: [customerId] }, '/customerId'],
      [{ customerId: `${customerId}\u0000` }, '/customerId'],
      [{ customerId, partnerId: 'x' }, '/partnerId'],
      [{ customerId, reason: '' }, '/reason'],
      [{ customerId, reason: ' \n\t ' }, '/reason'],
      [{ customerId, reason: null }, '/reason'],
      [{ customerId, reason: { $ne: '' } }, '/reason'],
      [{ customerId, reason: 'x'.repeat(2001) }, '/reason'],
      [{ customerId, ticket: 'x'.repeat(101) }, '/ticket'],
      [{ customerId, ticket: 12 }, '/ticket'],
      [{ customerId, durationSeconds: 0 }, '/durationSeconds'],
      [{ customerId, durationSeconds: -1 }, '/durationSeconds'],
      [{ customerId, durationSeconds: 1.5 }, '/durationSeconds'],
      [{ customerId, durationSeconds: '60' }, '/durationSeconds'],
      [{ customerId, durationSeconds: 91 * 86_400 }, '/durationSeconds'],
    ];
    for (const [body, pointer] of bad) {
      const answer = await ask(agent.http, body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ pointer }] } });
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
    for (const body of ['', '{', '[]', 'null', '"text"', '7', '{"reason":"x"}']) {
      expect([body, (await agent.http.post('/v1/elevations', body)).status]).toEqual([body, 400]);
    }
    expect((await agent.http.get(`/v1/elevations?customerId=${customerId}`)).body.items).toEqual([]);
    expect((await admin.http.get(`/v1/elevations?customerId=${customerId}`)).body.items).toEqual([]);
  });

  it('of a megabyte is refused as too large on every route that takes a reason', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const reason = 'x'.repeat(1_000_000);
    expect(await ask(agent.http, { customerId, reason })).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    });
    const asked = await ask(agent.http, { customerId });
    for (const verb of ['deny', 'revoke']) {
      expect((await admin.http.post(`/v1/elevations/${asked.body.id}/${verb}`, { reason })).status).toBe(413);
    }
    expect((await admin.http.get(`/v1/elevations/${asked.body.id}`)).body.status).toBe('pending');
  });

  it.each([
    ['objects', '{"a":', '1', '}', 33],
    ['lists', '[', '', ']', 50_000],
    ['both', '{"a":[', '', ']}', 15_000],
  ])('of %s nested %#-fold is refused by its code, wherever it is sent', async (_what, open, inmost, close, times) => {
    const deep = `${open.repeat(times)}${inmost}${close.repeat(times)}`;
    const refused = { status: 400, body: { code: 'body_too_deep', deepest: 32, errors: [{ pointer: '' }] } };
    for (const body of [deep, `{"reason":"Phones","context":${deep}}`]) {
      for (const path of [
        '/v1/elevations',
        '/v1/invites/accept',
        '/v1/sessions',
        '/access/v1/evaluation',
        '/access/v1/search/subject',
      ]) {
        expect(await agent.http.post(path, body, { 'idempotency-key': randomUUID() })).toMatchObject(refused);
      }
      const batch = `/v1/organizations/${randomUUID()}/invite-batches`;
      expect(await agent.http.post(batch, body)).toMatchObject(refused);
    }
    const scim = await agent.http.post(`/scim/v2/${randomUUID()}/Users`, deep);
    expect(scim).toMatchObject({ status: 400, body: { scimType: 'invalidSyntax' } });
  });

  it('in decisions changes nothing', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId });
    const path = `/v1/elevations/${asked.body.id}`;
    for (const body of [{ durationSeconds: 0 }, { durationSeconds: 'all' }, { durationSeconds: 2 ** 53 }, '{', '[]']) {
      expect([body, (await admin.http.post(`${path}/approve`, body)).status]).toEqual([body, 400]);
    }
    for (const body of [{ unexpected: 'yes' }, { reason: 7 }, { reason: '' }]) {
      expect([body, (await admin.http.post(`${path}/deny`, body)).status]).toEqual([body, 400]);
    }
    expect((await admin.http.get(path)).body.status).toBe('pending');
    for (const id of ['1', 'x', '..', '%00', customerId, '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e', "' or 1=1 --"]) {
      for (const verb of ['approve', 'deny', 'cancel', 'revoke', 'return']) {
        const answer = await admin.http.post(`/v1/elevations/${encodeURIComponent(id)}/${verb}`);
        expect([id, verb, answer.status]).toEqual([id, verb, 404]);
      }
    }
    expect((await admin.http.post(`${path}/escalate`)).status).toBe(404);
  });

  it('of a content type that is not understood is refused, not taken for none', async () => {
    const { id: customerId, admin } = await customerWithAdministrator();
    const asked = await ask(agent.http, { customerId });
    const deny = `/v1/elevations/${asked.body.id}/deny`;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/csv', 'application/xml']) {
      const answer = await admin.http.post(deny, 'reason=Not+today', { 'content-type': type });
      expect([type, answer.status, answer.body.code]).toEqual([type, 415, 'unsupported_media_type']);
    }
    expect((await admin.http.post('/access/v1/evaluation', 'x', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await admin.http.post(deny, undefined, { 'content-type': 'text/plain' })).status).toBe(200);
  });

  it('of odd characters is kept as words, without control characters', async () => {
    const { id: customerId } = await customerWithAdministrator();
    const { status, body } = await ask(agent.http, {
      customerId,
      reason: 'a\u0000b\r\nBcc: everybody@example.com\r\n\u001b[31m <b>bold</b> \ud83d\udcde {{reason}}',
      ticket: 'INC\r\n-1\u0000',
    });
    expect(status).toBe(201);
    expect(body.reason).toBe('a b\nBcc: everybody@example.com\n [31m <b>bold</b> \ud83d\udcde {{reason}}');
    expect(body.ticket).toBe('INC -1');
  });

  it('of half a character is refused or kept, never an error of ours', async () => {
    const { id: customerId } = await customerWithAdministrator();
    const answer = await agent.http.post('/v1/elevations', `{"customerId":"${customerId}","reason":"\\ud83d alone"}`);
    expect([201, 400]).toContain(answer.status);
  });
});
