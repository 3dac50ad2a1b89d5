import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { asSystem } from '#persistence';
import { person, service } from '../support/cast.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { holdOn, refuseWith, startWebhookReceiver, take, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;
/** Stands for the chat's incoming webhook. */
let chat: WebhookReceiver;

beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  stage = await setElevationStage(world);
  chat = await startWebhookReceiver();
});
afterEach(async () => {
  await database('delete from webhook');
  await chat.stop();
});

const database = <Row extends object>(sql: string, bound: unknown[] = []): Promise<Row[]> =>
  world.database.transaction(asSystem, (em) => em.execute<Row[]>(sql, bound));

const channelsOf = (organizationId: string) => `/v1/organizations/${organizationId}/channels`;
const addressOf = (id: string) => `${channelsOf(stage.customerId)}/${id}`;

async function connect(body: object = {}): Promise<string> {
  const made = await stage.admin.http.post(channelsOf(stage.customerId), { kind: 'slack', url: chat.url, ...body });
  if (made.status !== 201) throw new Error(`Connecting answered ${made.status}: ${JSON.stringify(made.body)}`);
  return made.body.id;
}

const look = async (id: string) => (await stage.admin.http.get(addressOf(id))).body;
/** What people would read first, in order. */
const titles = () => chat.requests.map(({ body }) => body.text ?? body.attachments[0].content.body[0].inlines[0].text);
const tryNow = (id: string) => database('update webhook set next_attempt_at = clock_timestamp() where id = ?', [id]);
/** Everything sealed so far has been written or passed over. */
const upToDate = (id: string) =>
  eventually(async () => {
    const [row] = await database<{ left: number }>(
      `select (select count(*)::int from audit_event where sealed_at is null)
            + (select coalesce(max(position), 0) from audit_seal where organization_id = webhook.organization_id)
            - webhook.position as left
         from webhook where id = ?`,
      [id],
    );
    expect(row?.left).toBe(0);
  });

const asked = 'Grant access? Agent (Northwind) asks for access to Harbour';
const approved = 'Approved: access of Agent to Harbour';
const denied = 'Denied: access of Agent to Harbour';

describe('a channel', () => {
  it('is told who asks, for how long and until when, and afterwards how it went', async () => {
    await connect();
    const id = await askFor(stage, { durationSeconds: 1800 });
    await eventually(() => expect(titles()).toEqual([asked]));
    const [{ text, fields }, button] = [chat.requests[0]?.body.blocks[1], chat.requests[0]?.body.blocks[2].elements[0]];
    expect(text).toBeUndefined();
    expect(fields.map((field: { text: string }) => field.text)).toEqual([
      'For: 30 minutes',
      expect.stringMatching(/^Answer by: .+ UTC$/),
    ]);
    expect(button).toMatchObject({ text: { text: 'Review the request' } });
    // The page, where people sign in: neither this address nor anything else in the message decides.
    expect(new URL(button.url).pathname).toBe(`/elevations/${id}`);
    expect(new URL(button.url).search).toBe('');
    await decide(stage.admin, id, 'approve');
    await eventually(() => expect(titles()).toEqual([asked, approved]));
    expect(chat.requests[1]?.text).toContain('Approved by: Admin');
  });

  it('tells nothing that people wrote, unless it is asked to', async () => {
    const id = await connect();
    await askFor(stage, { reason: 'Payroll of Mrs Smith' });
    await eventually(() => expect(titles()).toEqual([asked]));
    expect(chat.requests[0]?.text).not.toContain('Payroll');
    await stage.admin.http.patch(addressOf(id), { withReasons: true });
    const other = await person(world, 'Other', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
    await askFor(stage, { by: other, reason: 'See <!channel> evil.example' });
    await eventually(() => expect(titles()).toHaveLength(2));
    expect(chat.requests[1]?.text).toContain('Why: See <!channel> evil');
    expect(chat.requests[1]?.text).not.toContain('evil.example');
    expect(chat.requests[1]?.text).not.toContain('mrkdwn');
  });

  it('reads as a card in Teams', async () => {
    await connect({ kind: 'teams' });
    const id = await askFor(stage);
    await eventually(() => expect(titles()).toEqual([asked]));
    const [{ contentType, content }] = chat.requests.map(({ body }) => body.attachments[0]);
    expect(contentType).toBe('application/vnd.microsoft.card.adaptive');
    expect(content.actions).toEqual([
      expect.objectContaining({ type: 'Action.OpenUrl', url: expect.stringContaining(`/elevations/${id}`) }),
    ]);
  });

  it('hears of what the organization decides, and of nothing else', async () => {
    const asking = await stage.partnersAdmin.http.post(channelsOf(stage.partnerId), { kind: 'slack', url: chat.url });
    expect(asking.status).toBe(201);
    const id = await askFor(stage);
    await decide(stage.admin, id, 'deny');
    await upToDate(asking.body.id);
    expect(chat.requests).toEqual([]);
  });

  it('hears only of the kinds it asked for', async () => {
    const id = await connect({ kinds: ['external-administrator'] });
    expect((await look(id)).kinds).toEqual(['external-administrator']);
    await decide(stage.admin, await askFor(stage), 'deny');
    await upToDate(id);
    expect(chat.requests).toEqual([]);
    await stage.admin.http.patch(addressOf(id), { kinds: ['elevation', 'external-administrator'] });
    await askFor(stage);
    await eventually(() => expect(titles()).toEqual([asked]));
  });

  it('that was away is asked nothing that has been decided meanwhile', async () => {
    chat.answer(refuseWith(503));
    const id = await connect();
    const elevation = await askFor(stage);
    await eventually(async () => expect((await look(id)).status).toBe('failing'));
    await decide(stage.admin, elevation, 'deny');
    chat.answer(take);
    const before = chat.requests.length;
    await tryNow(id);
    await eventually(() => expect(titles().slice(before)).toEqual([denied]));
    expect(await look(id)).toMatchObject({ status: 'active', lastFailure: { status: 503 } });
  });

  it('that is down delays no mail and no decision', async () => {
    chat.answer(holdOn);
    await connect();
    const id = await askFor(stage);
    await eventually(() => expect(chat.requests).toHaveLength(1));
    for (const { email } of [stage.admin, stage.secondAdmin])
      await world.mail.waitForMail({ to: email, kind: 'elevation.requested' });
    await decide(stage.admin, id, 'approve');
    await world.mail.waitForMail({ to: stage.agent.email, kind: 'elevation.approved' });
    expect(chat.requests).toHaveLength(1);
  });

  it('is greeted by a test, which is on record, and not while it is disabled', async () => {
    const id = await connect({ kinds: ['change-request'] });
    const tested = await stage.admin.http.post(`${addressOf(id)}/test`);
    expect(tested.status).toBe(202);
    await eventually(() => expect(titles()).toEqual(['Countersign writes here about requests that Harbour decides']));
    await stage.admin.http.patch(addressOf(id), { enabled: false });
    const refused = await stage.admin.http.post(`${addressOf(id)}/test`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'channel_disabled' } });
    const { body } = await stage.admin.http.get(
      `/v1/organizations/${stage.customerId}/audit-events?subjectId=${id}&limit=50`,
    );
    expect(body.items.map(({ action }: { action: string }) => action).toReversed()).toEqual([
      'channel.created',
      'channel.tested',
      'channel.changed',
    ]);
  });

  it('is switched off where the chat says that it is gone, and whoever answers for the organization is told', async () => {
    chat.answer(refuseWith(410));
    const id = await connect();
    await askFor(stage);
    await eventually(async () => expect(await look(id)).toMatchObject({ enabled: false, disabledReason: 'gone' }));
  });
});

describe('the address of a chat', () => {
  it('is a secret: it is answered to nobody, kept sealed and on no record', async () => {
    const id = await connect();
    const secret = new URL(chat.url).pathname;
    const seen = [
      await stage.admin.http.get(addressOf(id)),
      await stage.admin.http.get(channelsOf(stage.customerId)),
      await stage.admin.http.get(`/v1/organizations/${stage.customerId}/audit-events?subjectId=${id}`),
    ];
    for (const { status, body } of seen) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain(secret);
    }
    expect((await look(id)).host).toBe(new URL(chat.url).host);
    expect(JSON.stringify(await database('select * from webhook where id = ?', [id]))).not.toContain(secret);
  });

  it('is no webhook: neither is found in the place of the other', async () => {
    const id = await connect();
    const webhooks = `/v1/organizations/${stage.customerId}/webhooks`;
    expect((await stage.admin.http.get(`${webhooks}/${id}`)).status).toBe(404);
    expect((await stage.admin.http.post(`${webhooks}/${id}/rotate-secret`)).status).toBe(404);
    expect((await stage.admin.http.get(webhooks)).body.items).toEqual([]);
    const webhook = await stage.admin.http.post(webhooks, { url: chat.url, actions: ['webhook.tested'] });
    expect((await stage.admin.http.get(addressOf(webhook.body.id))).status).toBe(404);
    expect((await stage.admin.http.get(channelsOf(stage.customerId))).body.items).toHaveLength(1);
  });

  it.each([
    ['another protocol', { url: 'ftp://chat.example/x' }],
    ['a chat nobody knows', { kind: 'irc' }],
    ['no kinds at all', { kinds: [] }],
    ['an unknown kind', { kinds: ['invite'] }],
    ['an unknown member', { secret: 'x' }],
  ])('is refused with %s', async (_what, wrong) => {
    const refused = await stage.admin.http.post(channelsOf(stage.customerId), {
      kind: 'slack',
      url: chat.url,
      ...wrong,
    });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('carries no password, and whoever tries goes on record', async () => {
    const url = 'https://me:secret@chat.example/';
    const refused = await stage.admin.http.post(channelsOf(stage.customerId), { kind: 'slack', url });
    expect(refused).toMatchObject({ status: 400, body: { code: 'webhook_url_not_allowed' } });
    const { body } = await stage.admin.http.get(
      `/v1/organizations/${stage.customerId}/audit-events?outcome=refused&action=channel.created`,
    );
    expect(body.items).toHaveLength(1);
  });
});

describe('channels are', () => {
  it('for whoever may manage webhooks: not for less, not for keys, and unseen by strangers', async () => {
    const { customerId } = stage;
    const reader = await person(world, 'Reader', [
      { in: customerId, roles: ['read_only_administrator'], workspaceRole: 'read_only' },
    ]);
    const stranger = await person(world, 'Stranger', []);
    const key = await service(world, customerId, ['full_administrator']);
    const body = { kind: 'slack', url: chat.url };
    expect(await reader.http.post(channelsOf(customerId), body)).toMatchObject({
      status: 403,
      body: { code: 'may_not_manage_channels' },
    });
    expect((await reader.http.get(channelsOf(customerId))).status).toBe(403);
    expect((await key.post(channelsOf(customerId), body)).status).toBe(403);
    expect((await stranger.http.post(channelsOf(customerId), body)).status).toBe(404);
    expect((await stage.agent.http.post(channelsOf(customerId), body)).status).toBe(403);
  });

  it('made once by a repeated request, and deleted for good', async () => {
    const headers = { 'idempotency-key': 'channel-of-support' };
    const body = { kind: 'slack', url: chat.url };
    const made = await stage.admin.http.post(channelsOf(stage.customerId), body, headers);
    const again = await stage.admin.http.post(channelsOf(stage.customerId), body, headers);
    expect(again.body.id).toBe(made.body.id);
    expect((await stage.admin.http.delete(addressOf(made.body.id))).status).toBe(204);
    expect((await stage.admin.http.get(addressOf(made.body.id))).status).toBe(404);
    await decide(stage.admin, await askFor(stage), 'deny');
    expect(chat.requests).toEqual([]);
  });

  it('gone with the relationship by which whoever made them came, and that is told', async () => {
    const ofPartner = await person(world, 'Of partner', [
      { in: stage.partnerId, roles: ['partner_full_administrator'] },
    ]);
    const made = await ofPartner.http.post(channelsOf(stage.customerId), { kind: 'slack', url: chat.url });
    expect(made.status).toBe(201);
    const ended = await stage.admin.http.delete(
      `/v1/organizations/${stage.customerId}/relationships/${stage.relationshipId}`,
    );
    expect(ended.status).toBe(204);
    expect(await look(made.body.id)).toMatchObject({ enabled: false, disabledReason: 'right_lost' });
    const told = await world.mail.waitForMail({ to: stage.secondAdmin.email, kind: 'organization.connection-ended' });
    expect(told.text).toContain(`The channel to ${new URL(chat.url).host}`);
  });
});
