import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import { asSystem } from '#persistence';
import { person, service, type Cast } from '../support/cast.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { refuseWith, startWebhookReceiver, take, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { createWorld, type World } from '../support/world.ts';

const sessionRevoked = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
const claimsChange = 'https://schemas.openid.net/secevent/caep/event-type/token-claims-change';
const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

let world: World;
let stage: ElevationStage;
let receiver: WebhookReceiver;
/** The stage's customer as an issuer: what its receiver is configured with. */
let transmitter: { issuer: string; streams: string; status: string; verification: string };

beforeAll(async () => {
  world = await createWorld();
}, 120_000);
afterAll(() => world?.stop());

beforeEach(async () => {
  stage = await setElevationStage(world);
  receiver = await startWebhookReceiver();
  const at = `/.well-known/ssf-configuration/ssf/${stage.customerId}`;
  const { body } = await world.visitor.get(at);
  const path = (url: string) => new URL(url).pathname;
  transmitter = {
    issuer: body.issuer,
    streams: path(body.configuration_endpoint),
    status: path(body.status_endpoint),
    verification: path(body.verification_endpoint),
  };
});
afterEach(async () => {
  await database('delete from webhook');
  await receiver.stop();
});

const database = <Row extends object>(sql: string, bound: unknown[] = []): Promise<Row[]> =>
  world.database.transaction(asSystem, (em) => em.execute<Row[]>(sql, bound));

const delivery = (more: object = {}) => ({ method: 'urn:ietf:rfc:8935', endpoint_url: receiver.url, ...more });

async function connect(body: object = {}, by: Cast = stage.admin): Promise<{ stream_id: string; aud: string }> {
  const made = await by.http.post(transmitter.streams, { delivery: delivery(), ...body });
  if (made.status !== 201) throw new Error(`Connecting answered ${made.status}: ${JSON.stringify(made.body)}`);
  return made.body;
}

interface Token extends JWTPayload {
  sub_id: Record<string, { id?: string; email?: string }> & { format: string };
  events: Record<string, Record<string, unknown>>;
}

/** As a receiver reads them: signature, type, issuer and audience checked against the published keys. */
async function tokens(audience: string): Promise<Token[]> {
  const keys = createLocalJWKSet((await world.visitor.get('/ssf/jwks.json')).body);
  const read = receiver.requests.map(async ({ text, headers }) => {
    expect(headers['content-type']).toBe('application/secevent+jwt');
    const options = { issuer: transmitter.issuer, audience, typ: 'secevent+jwt', algorithms: ['RS256'] };
    return (await jwtVerify<Token>(text, keys, options)).payload;
  });
  return Promise.all(read);
}

const typesOf = (sent: readonly Token[]) => sent.flatMap(({ events }) => Object.keys(events));
const query = (id: string) => `?stream_id=${id}`;

describe('a stream of signals', () => {
  it('tells a receiver when temporary access begins and when it ends, so that it ends the session', async () => {
    const { aud } = await connect();
    const id = await askFor(stage);
    await decide(stage.admin, id, 'approve');
    await decide(stage.secondAdmin, id, 'revoke');
    const sent = await eventually(async () => {
      const read = await tokens(aud);
      expect(typesOf(read)).toEqual([claimsChange, sessionRevoked]);
      return read;
    });
    const { body } = await stage.agent.http.get(`/v1/elevations/${id}`);
    const [begun, ended] = sent;
    expect(begun?.events[claimsChange]).toMatchObject({
      claims: { temporary_access: 'elevation', access_expires_at: body.grant.expiresAt },
    });
    expect(ended?.sub_id).toEqual({
      format: 'complex',
      user: { format: 'email', email: stage.agent.email },
      tenant: { format: 'opaque', id: stage.customerId },
      session: { format: 'opaque', id: body.grant.id },
    });
    expect(begun?.sub_id.session).toEqual(ended?.sub_id.session);
    expect(ended?.events[sessionRevoked]).toMatchObject({
      initiating_entity: 'admin',
      reason_admin: { en: 'elevation.revoked' },
      event_timestamp: Math.floor(Date.parse(body.grant.endedAt) / 1000),
    });
  });

  it('tells the end that only the clock brings', async () => {
    const { aud } = await connect({ events_requested: [sessionRevoked] });
    const id = await askFor(stage, { durationSeconds: 2 });
    await decide(stage.admin, id, 'approve');
    await eventually(async () => {
      const [ended] = await tokens(aud);
      expect(ended?.events[sessionRevoked]).toMatchObject({ initiating_entity: 'policy' });
    }, 15_000);
  });

  it('tells what members may claim, and that they are none any more', async () => {
    const { aud } = await connect();
    const member = await person(world, 'Member', [{ in: stage.customerId, roles: [] }]);
    const address = `/v1/organizations/${stage.customerId}/members/${member.memberIds[stage.customerId]}`;
    const roles = { roles: ['read_only_administrator'] };
    expect((await stage.admin.http.put(`${address}/administrator-roles`, roles)).status).toBe(200);
    expect((await stage.admin.http.delete(address)).status).toBe(204);
    const sent = await eventually(async () => {
      const read = await tokens(aud);
      expect(typesOf(read)).toEqual([claimsChange, sessionRevoked]);
      return read;
    });
    expect(sent[0]?.events[claimsChange]).toMatchObject({
      claims: { administrator_roles: ['read_only_administrator'] },
    });
    for (const { sub_id: subject } of sent) {
      expect(subject.user).toEqual({ format: 'email', email: member.email });
      // Every session of theirs there, not one of them.
      expect(subject.session).toBeUndefined();
    }
  });

  it('is sent the types it asked for; unknown ones are left out, as the standard has it', async () => {
    const asked = [sessionRevoked, 'https://example.com/event-type/unknown'];
    const stream = await connect({ events_requested: asked });
    expect(stream).toMatchObject({ events_requested: asked, events_delivered: [sessionRevoked] });
    const id = await askFor(stage);
    await decide(stage.admin, id, 'approve');
    await decide(stage.agent, id, 'return');
    await eventually(async () => expect(typesOf(await tokens(stream.aud))).toEqual([sessionRevoked]));
  });

  it('hears back what it wanted to hear, and nobody else does', async () => {
    const first = await connect({ events_requested: [] });
    const other = await connect({ events_requested: [] });
    const asked = await stage.admin.http.post(transmitter.verification, {
      stream_id: first.stream_id,
      state: 'VGhpcyBpcyBvdXI',
    });
    expect(asked.status).toBe(204);
    const [token] = await eventually(async () => {
      const read = await tokens(first.aud);
      expect(read).toHaveLength(1);
      return read;
    });
    expect(token).toMatchObject({
      sub_id: { format: 'opaque', id: first.stream_id },
      events: { [verification]: { state: 'VGhpcyBpcyBvdXI' } },
    });
    await eventually(async () => {
      const left = await database(
        `select 1 from webhook where id = ? and position < (select max(position) from audit_seal where organization_id = webhook.organization_id)`,
        [other.stream_id],
      );
      expect(left).toEqual([]);
    });
    expect(receiver.requests).toHaveLength(1);
  });

  it('sends the same token id again until it is taken, with what authorizes us there', async () => {
    receiver.answer(refuseWith(503));
    const { stream_id: id, aud } = await connect({
      delivery: delivery({ authorization_header: 'Bearer for-the-receiver' }),
      events_requested: [claimsChange],
    });
    await decide(stage.admin, await askFor(stage), 'approve');
    await eventually(() => expect(receiver.requests).toHaveLength(1));
    receiver.answer(take);
    await eventually(async () => {
      await database('update webhook set next_attempt_at = clock_timestamp() where id = ? and failures > 0', [id]);
      expect(receiver.taken()).toHaveLength(1);
    });
    const [first, second] = await tokens(aud);
    expect(second?.jti).toBe(first?.jti);
    expect(receiver.requests.map(({ headers }) => headers['authorization'])).toEqual(
      receiver.requests.map(() => 'Bearer for-the-receiver'),
    );
  });

  it('that is paused is sent what happened meanwhile when it is enabled again', async () => {
    const { stream_id: id, aud } = await connect({ events_requested: [sessionRevoked] });
    const paused = await stage.admin.http.post(transmitter.status, { stream_id: id, status: 'paused' });
    expect(paused).toMatchObject({ status: 200, body: { stream_id: id, status: 'paused' } });
    const elevation = await askFor(stage);
    await decide(stage.admin, elevation, 'approve');
    await decide(stage.admin, elevation, 'revoke');
    expect((await stage.admin.http.post(transmitter.verification, { stream_id: id })).status).toBe(409);
    expect(receiver.requests).toEqual([]);
    await stage.admin.http.post(transmitter.status, { stream_id: id, status: 'enabled' });
    await eventually(async () => expect(typesOf(await tokens(aud))).toEqual([sessionRevoked]));
    expect((await stage.admin.http.get(transmitter.status + query(id))).body).toEqual({
      stream_id: id,
      status: 'enabled',
    });
  });
});

describe('a token', () => {
  it('is of one issuer for one receiver: another tenant’s receiver refuses it', async () => {
    const { aud } = await connect();
    const other = await setElevationStage(world);
    await decide(stage.admin, await askFor(stage), 'approve');
    await eventually(async () => expect(await tokens(aud)).toHaveLength(1));
    const text = receiver.requests[0]?.text ?? '';
    const keys = createLocalJWKSet((await world.visitor.get('/ssf/jwks.json')).body);
    const foreign = (await world.visitor.get(`/.well-known/ssf-configuration/ssf/${other.customerId}`)).body;
    await expect(jwtVerify(text, keys, { issuer: foreign.issuer })).rejects.toThrow('"iss"');
    await expect(jwtVerify(text, keys, { audience: `${aud}x` })).rejects.toThrow('"aud"');
    const [head, claims = '', signature] = text.split('.');
    const changed = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('Agent', 'Admin')).toString(
      'base64url',
    );
    await expect(jwtVerify([head, `${changed}x`, signature].join('.'), keys)).rejects.toThrow();
    // A logout token or an id token is never taken for one, nor the other way round.
    expect(decodeProtectedHeader(text)).toMatchObject({ alg: 'RS256', typ: 'secevent+jwt' });
  });

  it('is signed by a key whose private half is nowhere to be read', async () => {
    await connect();
    const { body } = await world.visitor.get('/ssf/jwks.json');
    expect(body.keys).toHaveLength(1);
    for (const key of body.keys) expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const [row] = await database<{ sealed_private_key: string }>('select sealed_private_key from signal_key');
    expect(row?.sealed_private_key).not.toContain('PRIVATE KEY');
    await connect();
    expect((await world.visitor.get('/ssf/jwks.json')).body).toEqual(body);
  });
});

describe('managing streams', () => {
  it('goes as the standard has it: read, list, change, replace, delete; what authorizes us is told to nobody', async () => {
    const { stream_id: id } = await connect({
      delivery: delivery({ authorization_header: 'Bearer secret-of-the-receiver' }),
      description: 'Identity provider',
    });
    const { http } = stage.admin;
    const read = await http.get(transmitter.streams + query(id));
    expect(read.body).toMatchObject({
      stream_id: id,
      iss: transmitter.issuer,
      delivery: { method: 'urn:ietf:rfc:8935', endpoint_url: receiver.url },
      events_supported: [sessionRevoked, claimsChange],
      description: 'Identity provider',
    });
    expect((await http.get(transmitter.streams)).body).toEqual([read.body]);
    // What was read may be sent back.
    const changed = await http.patch(transmitter.streams, { ...read.body, description: 'Another word' });
    expect(changed).toMatchObject({ status: 200, body: { description: 'Another word' } });
    const replaced = await http.put(transmitter.streams, { stream_id: id, delivery: delivery(), events_requested: [] });
    expect(replaced.body).toMatchObject({ events_delivered: [] });
    expect(JSON.stringify([read.body, changed.body, replaced.body])).not.toContain('secret-of-the-receiver');
    expect(JSON.stringify(await database('select * from webhook where id = ?', [id]))).not.toContain('secret-of-the');
    expect((await http.delete(transmitter.streams + query(id))).status).toBe(204);
    expect((await http.get(transmitter.streams + query(id))).status).toBe(404);
    const trail = await http.get(`/v1/organizations/${stage.customerId}/audit-events?subjectId=${id}`);
    expect(trail.body.items.map(({ action }: { action: string }) => action)).toEqual([
      'signal-stream.deleted',
      'signal-stream.changed',
      'signal-stream.changed',
      'signal-stream.created',
    ]);
    expect(JSON.stringify(trail.body)).not.toContain('secret-of-the-receiver');
  });

  it('forgets what authorized us where the receiver becomes another one', async () => {
    const { stream_id: id } = await connect({ delivery: delivery({ authorization_header: 'Bearer of-the-old-one' }) });
    const elsewhere = await startWebhookReceiver();
    const moved = { stream_id: id, delivery: delivery({ endpoint_url: elsewhere.url }) };
    expect((await stage.admin.http.patch(transmitter.streams, moved)).status).toBe(200);
    await decide(stage.admin, await askFor(stage), 'approve');
    await eventually(() => expect(elsewhere.requests).toHaveLength(1));
    expect(elsewhere.requests[0]?.headers['authorization']).toBeUndefined();
    await elsewhere.stop();
  });

  it('is for whoever manages webhooks; a key only reads, and nobody from elsewhere finds anything', async () => {
    const { stream_id: id } = await connect();
    const key = await service(world, stage.customerId, ['full_administrator']);
    expect((await key.get(transmitter.streams + query(id))).status).toBe(200);
    expect((await key.post(transmitter.streams, { delivery: delivery() })).status).toBe(403);
    expect((await key.delete(transmitter.streams + query(id))).status).toBe(403);
    expect((await stage.agent.http.post(transmitter.streams, { delivery: delivery() })).status).toBe(403);
    const other = await setElevationStage(world);
    for (const { http } of [other.admin, await person(world, 'Stranger', [])]) {
      expect((await http.get(transmitter.streams)).status).toBe(404);
      expect((await http.post(transmitter.streams, { delivery: delivery() })).status).toBe(404);
      expect((await http.get(transmitter.status + query(id))).status).toBe(404);
      expect((await http.post(transmitter.verification, { stream_id: id })).status).toBe(404);
    }
    const own = `/ssf/${other.customerId}`;
    expect((await other.admin.http.get(`${own}/streams${query(id)}`)).status).toBe(404);
    expect((await other.admin.http.delete(`${own}/streams${query(id)}`)).status).toBe(404);
    expect((await world.visitor.post(transmitter.streams, { delivery: delivery() })).status).toBe(401);
  });

  it.each([
    ['another way of delivery', { delivery: { method: 'urn:ietf:rfc:8936', endpoint_url: 'https://x.example' } }],
    [
      'two headers in one',
      {
        delivery: { method: 'urn:ietf:rfc:8935', endpoint_url: 'https://x.example', authorization_header: 'a\r\nb: c' },
      },
    ],
    ['an unknown member', { format: 'email' }],
    ['events that are no list', { events_requested: 'all' }],
  ])('refuses %s', async (_what, wrong) => {
    const body = { delivery: delivery(), ...wrong };
    expect(await stage.admin.http.post(transmitter.streams, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  it('says the same of an organization that is not there', async () => {
    const unknown = '01a21876-b658-78ba-8fd4-74dbbde75ef8';
    const { status, body } = await world.visitor.get(`/.well-known/ssf-configuration/ssf/${unknown}`);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'spec_version',
      'issuer',
      'jwks_uri',
      'delivery_methods_supported',
      'configuration_endpoint',
      'status_endpoint',
      'verification_endpoint',
      'authorization_schemes',
      'default_subjects',
    ]);
    expect((await world.visitor.request('PATCH', `/ssf/${unknown}/status`)).status).toBe(405);
  });
});
