import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decisionsWithFastPath } from '#composition';
import { deriveKeys } from '#config';
import { createWebhook, nextDelivery, theClock } from '#decisions';
import { asSystem } from '#persistence';
import { Pauses } from '../../apps/worker/pauses.ts';
import { keepDelivering } from '../../apps/worker/webhooks.ts';
import { person, service, type Cast } from '../support/cast.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import type { Answer } from '../support/http-client.ts';
import { environmentOf, runProgram } from '../support/supervised-process.ts';
import { holdOn, refuseWith, startWebhookReceiver, take, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;
let receiver: WebhookReceiver;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  stage = await setElevationStage(world);
  receiver = await startWebhookReceiver();
});
afterEach(async () => {
  // What is still being tried would otherwise hold the worker.
  await database('delete from webhook');
  await receiver.stop();
});

function database<Row extends object>(sql: string, bound: unknown[] = []): Promise<Row[]> {
  return world.database.transaction(asSystem, (em) => em.execute<Row[]>(sql, bound));
}

const webhooksOf = (organizationId: string) => `/v1/organizations/${organizationId}/webhooks`;
const addressOf = (id: string) => `${webhooksOf(stage.customerId)}/${id}`;

async function connect(body: object = {}): Promise<{ id: string; secret: string }> {
  const made = await stage.admin.http.post(webhooksOf(stage.customerId), { url: receiver.url, ...body });
  if (made.status !== 201) throw new Error(`Connecting answered ${made.status}: ${JSON.stringify(made.body)}`);
  return made.body;
}

const look = async (id: string) => (await stage.admin.http.get(addressOf(id))).body;
const actionsTaken = () => receiver.taken().map(({ body }) => body.type);
/** Lets time pass until the next attempt. */
const tryNow = (id: string) => database('update webhook set next_attempt_at = clock_timestamp() where id = ?', [id]);

/** Asked, approved and given back: three decisions of two people. */
async function elevation(): Promise<string> {
  const id = await askFor(stage);
  await decide(stage.admin, id, 'approve');
  await decide(stage.agent, id, 'return');
  return id;
}

/** The sealed trail as the customer's administrator reads it, oldest first. */
async function trail(): Promise<{ position: number; id: string; action: string }[]> {
  const { body } = await stage.admin.http.get(`/v1/organizations/${stage.customerId}/audit-events?limit=200`);
  return body.items.filter(({ position }: { position: number | null }) => position !== null).toReversed();
}

async function refusals(who: Cast, action: string): Promise<string[]> {
  const { body } = await who.http.get(
    `/v1/organizations/${stage.customerId}/audit-events?outcome=refused&action=${action}`,
  );
  return body.items.map(({ facts }: { facts: { code: string } }) => facts.code);
}

describe('a webhook', () => {
  it('tells the story of an elevation: everything, in order, signed, as the trail has it', async () => {
    const { secret } = await connect();
    const elevationId = await elevation();
    await eventually(() => expect(actionsTaken()).toContain('elevation.returned'));
    const told = receiver.taken().map(({ body }) => body.data);
    expect(told).toEqual((await trail()).slice(0, told.length));
    expect(told.map(({ position }) => position)).toEqual(told.map((_event, index) => index + 1));
    expect(told.filter(({ subject }) => subject.id === elevationId).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['elevation.requested', 'elevation.approved', 'elevation.returned']),
    );
    for (const received of receiver.taken()) {
      const { type, timestamp, data } = received.body;
      expect([type, timestamp, received.id]).toEqual([data.action, data.at, data.id]);
      expect(receiver.isSignedBy(received, secret)).toBe(true);
      expect(receiver.isSignedBy(received, `whsec_${Buffer.alloc(32).toString('base64')}`)).toBe(false);
    }
    expect(receiver.requests).toHaveLength(told.length);
  });

  it('begins with what happens after it was made', async () => {
    await elevation();
    await eventually(async () => expect((await trail()).map(({ action }) => action)).toContain('elevation.returned'));
    await eventually(async () =>
      expect(await database('select 1 from audit_event where sealed_at is null')).toEqual([]),
    );
    const { id } = await connect();
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created']));
    expect(receiver.taken()[0]?.body.data.subject).toEqual({ kind: 'webhook', id });
  });

  it('tells only what it asked for, and its own test whatever it asked for', async () => {
    const { id } = await connect({ actions: ['elevation.approved', 'api-key.*'], description: 'Tickets' });
    const other = await connect({ actions: ['restricted-mode.*'] });
    await elevation();
    await stage.admin.http.post(`/v1/organizations/${stage.customerId}/api-keys`, { name: 'Reports' });
    const tested = await stage.admin.http.post(`${addressOf(id)}/test`);
    expect(tested.status).toBe(202);
    await eventually(() => expect(actionsTaken()).toEqual(['elevation.approved', 'api-key.created', 'webhook.tested']));
    expect(receiver.taken().at(-1)?.id).toBe(tested.body.eventId);
    // Having nothing to tell is being up to date.
    await eventually(async () => expect((await look(other.id)).position).toBe((await trail()).length));
    expect(receiver.requests).toHaveLength(3);
  });

  it('tries again what was not taken, as the same event, and skips nothing', async () => {
    const { id, secret } = await connect();
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created']));
    receiver.answer(refuseWith(500));
    await elevation();
    const failing = await eventually(async () => {
      const view = await look(id);
      expect(view).toMatchObject({ status: 'failing', lastFailure: { reason: 'unexpected_status', status: 500 } });
      return view;
    });
    const secondsToWait = (Date.parse(failing.nextAttemptAt) - Date.parse(failing.lastFailure.at)) / 1000;
    expect(secondsToWait).toBeGreaterThanOrEqual(5);
    expect(secondsToWait).toBeLessThanOrEqual(10);
    expect(failing.position).toBe(1);
    await tryNow(id);
    await eventually(() => expect(receiver.requests).toHaveLength(3));
    receiver.answer(take);
    await eventually(async () => expect((await look(id)).nextAttemptAt).not.toBe(null));
    await tryNow(id);
    await eventually(() => expect(actionsTaken()).toContain('elevation.returned'));
    const [, first, second, third] = receiver.requests;
    expect([second?.id, third?.id]).toEqual([first?.id, first?.id]);
    expect(receiver.requests.every((received) => receiver.isSignedBy(received, secret))).toBe(true);
    const ids = receiver.taken().map((received) => received.id);
    expect(ids).toEqual((await trail()).slice(0, ids.length).map((event) => event.id));
    expect(await look(id)).toMatchObject({ status: 'active', nextAttemptAt: null, lastFailure: { status: 500 } });
  });

  it('is tried at once by a test when deliveries fail', async () => {
    receiver.answer(refuseWith(503));
    const { id } = await connect();
    await eventually(async () => expect((await look(id)).status).toBe('failing'));
    receiver.answer(take);
    await stage.admin.http.post(`${addressOf(id)}/test`);
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created', 'webhook.tested']), 4_000);
  });

  it('follows no redirect', async () => {
    const elsewhere = await startWebhookReceiver();
    receiver.answer(refuseWith(307, { location: elsewhere.url }));
    const { id } = await connect();
    await eventually(async () => expect((await look(id)).lastFailure).toMatchObject({ status: 307 }));
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.stop();
  });

  it('that is slow delays nobody else', async () => {
    const slow = await startWebhookReceiver();
    slow.answer(holdOn);
    await connect({ url: slow.url });
    await eventually(() => expect(slow.requests).toHaveLength(1));
    const { id } = await connect();
    await elevation();
    await eventually(() => expect(actionsTaken()).toContain('elevation.returned'), 5_000);
    expect((await look(id)).status).toBe('active');
    expect(slow.requests).toHaveLength(1);
    await slow.stop();
  });

  it('signs with the former secret, too, for a day after a rotation', async () => {
    const { id, secret } = await connect({ actions: ['webhook.tested'] });
    const rotated = await stage.admin.http.post(`${addressOf(id)}/rotate-secret`);
    expect(rotated.status).toBe(200);
    expect(rotated.body.secret).not.toBe(secret);
    const hours = (Date.parse(rotated.body.previousSecretUntil) - Date.now()) / 3_600_000;
    expect(Math.round(hours)).toBe(24);
    const signedBy = async () => {
      const { body } = await stage.admin.http.post(`${addressOf(id)}/test`);
      const received = await eventually(() => {
        const found = receiver.taken().find((one) => one.id === body.eventId);
        if (!found) throw new Error('The test has not arrived');
        return found;
      });
      return [secret, rotated.body.secret].map((one) => receiver.isSignedBy(received, one));
    };
    expect(await signedBy()).toEqual([true, true]);
    // Whoever rotates again, since the second one leaked, say, takes nobody's day away.
    const again = await stage.admin.http.post(`${addressOf(id)}/rotate-secret`);
    expect(Date.parse(again.body.previousSecretUntil)).toBeGreaterThan(Date.parse(rotated.body.previousSecretUntil));
    expect(await signedBy()).toEqual([true, true]);
    const passed = new Date(Date.now() - 1000).toISOString();
    await database(
      `update webhook set former_secrets = jsonb_set(former_secrets, '{1,until}', ?::jsonb) where id = ?`,
      [JSON.stringify(passed), id],
    );
    expect(await signedBy()).toEqual([false, true]);
    await database(`update webhook set former_secrets = '[]' where id = ?`, [id]);
    expect((await look(id)).previousSecretUntil).toBe(null);
  });

  it('keeps every promised day, and so is rotated five times a day at most', async () => {
    const { id } = await connect();
    const statuses = [];
    for (let rotation = 0; rotation < 6; rotation += 1)
      statuses.push((await stage.admin.http.post(`${addressOf(id)}/rotate-secret`)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 409]);
  });

  it('ends where the receiver says it is gone, on record, and goes on there when it is enabled again', async () => {
    const { id } = await connect();
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created']));
    receiver.answer(refuseWith(410));
    await elevation();
    await eventually(async () =>
      expect(await look(id)).toMatchObject({
        enabled: false,
        status: 'disabled',
        disabledReason: 'gone',
        position: 1,
        lastFailure: { reason: 'gone', status: 410 },
        nextAttemptAt: null,
      }),
    );
    await eventually(async () => expect((await trail()).at(-1)).toMatchObject({ action: 'webhook.disabled' }));
    expect((await stage.admin.http.post(`${addressOf(id)}/test`)).body.code).toBe('webhook_disabled');

    receiver.answer(take);
    const enabled = await stage.admin.http.patch(addressOf(id), { enabled: true });
    expect(enabled.body).toMatchObject({ enabled: true, status: 'active', disabledReason: null, position: 1 });
    await eventually(() => expect(actionsTaken()).toContain('webhook.changed'));
    const ids = receiver.taken().map((received) => received.id);
    expect(ids).toEqual((await trail()).slice(0, ids.length).map((event) => event.id));
  });

  it('keeps quiet while it is disabled by hand and then tells what happened meanwhile', async () => {
    const { id } = await connect({ actions: ['elevation.*'] });
    const disabled = await stage.admin.http.patch(addressOf(id), { enabled: false });
    expect(disabled.body).toMatchObject({ status: 'disabled', disabledReason: 'by_hand' });
    await elevation();
    await eventually(async () => expect((await trail()).map(({ action }) => action)).toContain('elevation.returned'));
    expect(receiver.requests).toEqual([]);
    await stage.admin.http.patch(addressOf(id), { enabled: true });
    await eventually(() =>
      expect(actionsTaken()).toEqual(expect.arrayContaining(['elevation.requested', 'elevation.returned'])),
    );
  });

  it('is disabled after three days without success', async () => {
    receiver.answer(refuseWith(500));
    const { id } = await connect();
    await eventually(async () => expect((await look(id)).status).toBe('failing'));
    await database("update webhook set failing_since = clock_timestamp() - interval '71 hours' where id = ?", [id]);
    await tryNow(id);
    await eventually(() => expect(receiver.requests).toHaveLength(2));
    await eventually(async () => expect(await look(id)).toMatchObject({ status: 'failing' }));
    await database("update webhook set failing_since = clock_timestamp() - interval '72 hours' where id = ?", [id]);
    await eventually(async () => expect((await look(id)).nextAttemptAt).not.toBe(null));
    await tryNow(id);
    await eventually(async () =>
      expect(await look(id)).toMatchObject({ status: 'disabled', disabledReason: 'no_success' }),
    );
  });

  it('of somebody from outside ends with their right, until one of the organization’s own people takes it over', async () => {
    const manager = await person(world, 'Manager', [{ in: stage.partnerId, roles: ['partner_full_administrator'] }]);
    const made = await manager.http.post(webhooksOf(stage.customerId), { url: receiver.url });
    expect(made.status).toBe(201);
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created']));
    const ended = await stage.admin.http.delete(
      `/v1/organizations/${stage.customerId}/relationships/${stage.relationshipId}`,
    );
    expect(ended.status).toBe(204);
    const { id } = made.body;
    await eventually(async () =>
      expect(await look(id)).toMatchObject({ status: 'disabled', disabledReason: 'right_lost', position: 1 }),
    );
    expect(receiver.requests).toHaveLength(1);
    await stage.admin.http.patch(addressOf(id), { enabled: true });
    await eventually(() =>
      expect(actionsTaken()).toEqual(['webhook.created', 'relationship.ended', 'webhook.disabled', 'webhook.changed']),
    );
  });

  it('of one of the organization’s own people outlives them', async () => {
    const leaver = await person(world, 'Leaver', [{ in: stage.customerId, roles: ['full_administrator'] }]);
    const made = await leaver.http.post(webhooksOf(stage.customerId), { url: receiver.url });
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created']));
    const left = await stage.admin.http.put(
      `/v1/organizations/${stage.customerId}/members/${leaver.memberIds[stage.customerId]}/administrator-roles`,
      { roles: [] },
    );
    expect(left.status).toBe(200);
    await eventually(() =>
      expect(actionsTaken()).toEqual([
        'webhook.created',
        'membership.administrator-roles-assigned',
        'membership.full-administrator-ended',
      ]),
    );
    expect((await look(made.body.id)).status).toBe('active');
  });

  it('sends to a new address what the old one did not take', async () => {
    const old = await startWebhookReceiver();
    old.answer(holdOn);
    const { id } = await connect({ url: old.url });
    await eventually(() => expect(old.requests).toHaveLength(1));
    await stage.admin.http.patch(addressOf(id), { url: receiver.url });
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created', 'webhook.changed']), 5_000);
    // The old one's answer comes late and counts no more.
    await old.stop();
    expect(await look(id)).toMatchObject({ status: 'active', lastFailure: null });
  });
});

describe('delivering', () => {
  it('is done by one of several workers at a time', async () => {
    const { config, decisions } = world;
    const stopping = new AbortController();
    const warnings: string[] = [];
    const others = Array.from({ length: 4 }, () =>
      keepDelivering({
        pauses: new Pauses(500),
        database: world.database,
        decisions,
        sealingKeys: deriveKeys(config.payloadKeys, 'stored-secrets'),
        chatMessage: async () => null,
        securityEventToken: async () => null,
        allowPrivate: true,
        log: { warn: (message) => void warnings.push(message) },
        signal: stopping.signal,
      }),
    );
    try {
      await connect();
      for (let round = 0; round < 5; round += 1) await elevation();
      await eventually(() =>
        expect(actionsTaken().filter((action) => action === 'elevation.returned')).toHaveLength(5),
      );
    } finally {
      stopping.abort();
      await Promise.all(others);
    }
    const positions = receiver.requests.map(({ body }) => body.data.position);
    expect(positions).toEqual(positions.map((_position, index) => index + 1));
    expect(warnings).toEqual([]);
  });

  it('sends the same event again, and then all others, when the worker was killed over it', async () => {
    await world.stopWorker();
    const child = runProgram('../../apps/worker/main.ts', { environment: environmentOf(world) });
    try {
      receiver.answer(holdOn);
      await connect();
      await elevation();
      await eventually(() => expect(receiver.requests).toHaveLength(1), 60_000);
    } finally {
      child.kill('SIGKILL');
    }
    await once(child, 'exit');
    receiver.answer(take);
    await world.startWorker();
    await eventually(() => expect(actionsTaken()).toContain('elevation.returned'), 30_000);
    const [interrupted, again] = receiver.requests;
    expect(again?.id).toBe(interrupted?.id);
    const positions = receiver.taken().map(({ body }) => body.data.position);
    expect(positions).toEqual(positions.map((_position, index) => index + 1));
  }, 120_000);

  it('goes on with another worker at once when one was stopped', async () => {
    await connect();
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created']));
    await world.stopWorker();
    await elevation();
    await world.startWorker();
    await eventually(() => expect(actionsTaken()).toContain('elevation.returned'), 10_000);
    expect(receiver.requests).toHaveLength(receiver.taken().length);
  }, 60_000);

  it('gives nothing to whoever does not hold the lease', async () => {
    const { id } = await connect();
    const sealingKeys = deriveKeys(world.config.payloadKeys, 'stored-secrets');
    expect(await nextDelivery(world.database, sealingKeys, { webhookId: id, lease: stage.agent.accountId })).toBe(null);
  });
});

describe('managing webhooks', () => {
  const keysOf = ({ body }: Answer) => Object.keys(body);

  it('tells the secret once, and the same one to a repeated request', async () => {
    const body = { url: receiver.url, actions: ['elevation.*', 'elevation.*'], description: 'Tickets' };
    const key = { 'idempotency-key': 'connect-tickets' };
    const made = await stage.admin.http.post(webhooksOf(stage.customerId), body, key);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(addressOf(made.body.id));
    expect(made.body).toMatchObject({
      organizationId: stage.customerId,
      url: receiver.url,
      actions: ['elevation.*'],
      description: 'Tickets',
      enabled: true,
      status: 'active',
      createdBy: { id: stage.admin.accountId, displayName: 'Admin' },
    });
    expect(made.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await stage.admin.http.post(webhooksOf(stage.customerId), body, key);
    expect([again.status, again.body]).toEqual([201, made.body]);
    expect(keysOf(await stage.admin.http.get(addressOf(made.body.id)))).not.toContain('secret');
    const list = await stage.admin.http.get(webhooksOf(stage.customerId));
    expect(list.body.items.map(({ id }: { id: string }) => id)).toEqual([made.body.id]);
    const stored = JSON.stringify([
      await database('select * from webhook'),
      await database('select * from idempotency_record'),
      await database('select * from audit_event'),
    ]);
    expect(stored).not.toContain(made.body.secret.slice('whsec_'.length));
    expect(stored).toContain(made.body.id);

    const rotateKey = { 'idempotency-key': 'rotate-tickets' };
    const rotated = await stage.admin.http.post(`${addressOf(made.body.id)}/rotate-secret`, undefined, rotateKey);
    const rotatedAgain = await stage.admin.http.post(`${addressOf(made.body.id)}/rotate-secret`, undefined, rotateKey);
    expect(rotatedAgain.body).toEqual(rotated.body);
  });

  it('comes in pages', async () => {
    for (let round = 0; round < 3; round += 1) await connect({ description: `Number ${round}` });
    const first = await stage.admin.http.get(`${webhooksOf(stage.customerId)}?limit=2`);
    const second = await stage.admin.http.get(
      `${webhooksOf(stage.customerId)}?limit=2&cursor=${first.body.nextCursor}`,
    );
    const descriptions = [first, second].flatMap(({ body }) =>
      body.items.map(({ description }: { description: string }) => description),
    );
    expect(descriptions).toEqual(['Number 2', 'Number 1', 'Number 0']);
    expect(second.body.nextCursor).toBe(null);
  });

  it('is not confused by deliveries, but by other people’s changes', async () => {
    const { id } = await connect();
    const before = await stage.admin.http.get(addressOf(id));
    const tag = before.headers.get('etag') ?? '';
    await eventually(() => expect(actionsTaken()).toEqual(['webhook.created']));
    await eventually(async () => expect((await look(id)).position).toBe(1));
    const changed = await stage.admin.http.patch(addressOf(id), { description: 'Tickets' }, { 'if-match': tag });
    expect([changed.status, changed.body.description]).toEqual([200, 'Tickets']);
    for (const late of [
      await stage.admin.http.patch(addressOf(id), { description: 'Other' }, { 'if-match': tag }),
      await stage.admin.http.post(`${addressOf(id)}/rotate-secret`, undefined, { 'if-match': tag }),
      await stage.admin.http.delete(addressOf(id), { 'if-match': tag }),
    ])
      expect([late.status, late.body.code]).toEqual([412, 'version_mismatch']);
    const present = { 'if-match': changed.headers.get('etag') ?? '' };
    expect((await stage.admin.http.delete(addressOf(id), present)).status).toBe(204);
    expect((await stage.admin.http.get(addressOf(id))).status).toBe(404);
  });

  it('puts every change on record, without the address', async () => {
    const { id } = await connect({ url: `${receiver.url}?key=hidden` });
    await stage.admin.http.patch(addressOf(id), { actions: ['elevation.*'], description: 'Tickets' });
    await stage.admin.http.patch(addressOf(id), { actions: ['elevation.*'] });
    await stage.admin.http.post(`${addressOf(id)}/rotate-secret`);
    await stage.admin.http.post(`${addressOf(id)}/test`);
    await stage.admin.http.delete(addressOf(id));
    const { body } = await stage.admin.http.get(
      `/v1/organizations/${stage.customerId}/audit-events?action=webhook.&subjectId=${id}`,
    );
    const events = body.items.toReversed();
    expect(events.map(({ action }: { action: string }) => action)).toEqual([
      'webhook.created',
      'webhook.changed',
      'webhook.secret-rotated',
      'webhook.tested',
      'webhook.deleted',
    ]);
    expect(events[1].facts).toEqual({ fields: ['actions', 'description'], actions: ['elevation.*'] });
    expect(events[0].actor).toMatchObject({ id: stage.admin.accountId, by: 'full_administrator' });
    expect(JSON.stringify(await database('select * from audit_event'))).not.toContain('hidden');
  });

  it('refuses whoever may not, on record', async () => {
    const { id } = await connect();
    const teammate = await person(world, 'Teammate', [{ in: stage.customerId, workspaceRole: 'full_access' }]);
    const key = await service(world, stage.customerId, ['full_administrator']);
    const requests = [
      ['POST', webhooksOf(stage.customerId), { url: receiver.url }, 'webhook.created'],
      ['PATCH', addressOf(id), { enabled: false }, 'webhook.changed'],
      ['DELETE', addressOf(id), undefined, 'webhook.deleted'],
      ['POST', `${addressOf(id)}/rotate-secret`, undefined, 'webhook.secret-rotated'],
      ['POST', `${addressOf(id)}/test`, undefined, 'webhook.tested'],
    ] as const;
    for (const [method, path, body, action] of requests) {
      for (const http of [stage.agent.http, teammate.http]) {
        const answer = await http.request(method, path, body);
        expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 403, 'may_not_manage_webhooks']);
      }
      expect(await refusals(stage.admin, action)).toEqual(Array(2).fill('may_not_manage_webhooks'));
      expect(await key.request(method, path, body)).toMatchObject({ status: 403, body: { code: 'person_required' } });
    }
    for (const http of [stage.agent.http, teammate.http]) {
      expect((await http.get(webhooksOf(stage.customerId))).status).toBe(403);
      expect((await http.get(addressOf(id))).status).toBe(403);
    }
    expect((await key.get(addressOf(id))).status).toBe(200);
    expect(await look(id)).toMatchObject({ enabled: true });
  });

  it('does not exist for strangers, nor across organizations', async () => {
    const { id } = await connect();
    const others = await setElevationStage(world);
    for (const path of [webhooksOf(stage.customerId), addressOf(id)])
      expect((await others.admin.http.get(path)).status).toBe(404);
    const made = await others.admin.http.post(webhooksOf(stage.customerId), { url: receiver.url });
    expect(made.status).toBe(404);
    for (const path of [addressOf(id), `${webhooksOf(others.customerId)}/${id}`]) {
      for (const [method, more, body] of [
        ['PATCH', '', {}],
        ['DELETE', '', undefined],
        ['POST', '/rotate-secret', undefined],
        ['POST', '/test', undefined],
      ] as const)
        expect((await others.admin.http.request(method, `${path}${more}`, body)).status).toBe(404);
    }
  });

  it('says what is wrong with a request', async () => {
    for (const [body, pointer] of [
      [{}, '/url'],
      [{ url: 'nowhere' }, '/url'],
      [{ url: 'ftp://hooks.example.com/' }, '/url'],
      [{ url: receiver.url, actions: [] }, '/actions'],
      [{ url: receiver.url, actions: ['elevation'] }, '/actions/0'],
      [{ url: receiver.url, actions: ['*'] }, '/actions/0'],
      [{ url: receiver.url, secret: 'mine' }, '/secret'],
    ] as const) {
      const answer = await stage.admin.http.post(webhooksOf(stage.customerId), body);
      expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([
        400,
        'invalid_request',
        pointer,
      ]);
    }
  });

  it('has room for ten', async () => {
    for (let round = 0; round < 9; round += 1) await connect({ actions: ['webhook.tested'] });
    const body = { url: receiver.url, actions: ['webhook.tested'] };
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => stage.admin.http.post(webhooksOf(stage.customerId), body)),
    );
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'webhook_limit_reached',
      maximum: 10,
    });
  });

  it('is not led into the inner network, and whoever tries is on record', async () => {
    const withPassword = await stage.admin.http.post(webhooksOf(stage.customerId), {
      url: 'https://ada:secret@hooks.example.com/',
    });
    expect([withPassword.status, withPassword.body.code]).toEqual([400, 'webhook_url_not_allowed']);
    expect(await refusals(stage.admin, 'webhook.created')).toEqual(['webhook_url_not_allowed']);

    // As in production.
    const guarded = decisionsWithFastPath(
      { ...world.config, allowPrivateAddresses: false },
      world.database,
      world.temporal,
    );
    const admin = { ...theClock(), kind: 'account' as const, id: stage.admin.accountId };
    for (const url of ['http://hooks.example.com/', 'https://10.0.0.1/', 'https://[::1]/', 'https://127.1/']) {
      const making = guarded.decide(admin, (decision) => createWebhook(decision, stage.customerId, { url }));
      await expect(making).rejects.toMatchObject({ code: 'webhook_url_not_allowed' });
    }
  });
});
