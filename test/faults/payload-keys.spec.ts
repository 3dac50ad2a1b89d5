import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deriveKeys, keyIdOf } from '#config';
import { seal, unseal } from '#identity';
import { findFreePort } from '#local-stack';
import { asSystem } from '#persistence';
import { mailsAbout } from '../support/cast.ts';
import { countersign } from '../support/cli.ts';
import {
  askFor,
  decide,
  everyMailOnce,
  setElevationStage,
  storedState,
  type ElevationStage,
} from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { environmentOf, runProgram } from '../support/supervised-process.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let stage: ElevationStage;
let receiver: WebhookReceiver;
const running: ChildProcess[] = [];

const next = randomBytes(32);

beforeAll(async () => {
  world = await createWorld();
  stage = await setElevationStage(world);
  receiver = await startWebhookReceiver();
}, 60_000);

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await receiver?.stop();
  await world?.stop();
});

const sql = <Row>(statement: string, values: unknown[] = []) =>
  world.database.transaction(asSystem, (em) => em.execute<Row[]>(statement, values));

const former = () => world.config.payloadKey;
const withNextKey = () => ({
  ...environmentOf(world),
  PAYLOAD_KEY: next.toString('base64'),
  PAYLOAD_KEYS: former().toString('base64'),
});

/** Runs it until it ends by itself. */
async function endOf(program: string, environment: Record<string, string>) {
  const child = runProgram(program, { environment });
  running.push(child);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, errors };
}

async function apiWith(environment: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const port = await findFreePort();
  const child = runProgram('../../apps/api/main.ts', { environment: { ...environment, PORT: String(port) } });
  running.push(child);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), 60_000);
  return { child, url };
}

/** Everything that is kept sealed, by the id of the key it is sealed with. */
async function storedBy(key: Buffer): Promise<string> {
  const [derived] = deriveKeys([key], 'stored-secrets');
  const rows = await sql<{ text: string }>(
    `select sealed_secret as text from webhook union all select sealed_secret from authenticator_app
     union all select sealed_private_key from signal_key
     union all select jsonb_array_elements(former_secrets) ->> 'sealed' from webhook
     union all select sso ->> 'sealedClientSecret' from organization where sso is not null
     union all select change #>> '{sso,sealedClientSecret}' from change_request where status = 'pending' and change ? 'sso'`,
  );
  const ofKey = rows.filter(({ text }) => text.startsWith(`${keyIdOf(derived)}.`));
  return `${ofKey.length} of ${rows.length}`;
}

describe('a payload key that does not open what is stored', () => {
  const wrong = () => ({ ...environmentOf(world), PAYLOAD_KEY: next.toString('base64') });
  const words = () => [
    `PAYLOAD_KEY (${keyIdOf(next)}) does not open what this database keeps`,
    `sealed with ${keyIdOf(former())}`,
    'countersign keys rotate',
  ];

  it.each(['../../apps/api/main.ts', '../../apps/worker/main.ts'])(
    'refuses the start and says what to do: %s',
    async (program) => {
      const { code, errors } = await endOf(program, { ...wrong(), PORT: String(await findFreePort()) });
      expect(code).toBe(1);
      for (const word of words()) expect(errors).toContain(word);
      expect(errors).not.toContain('    at ');
    },
    60_000,
  );

  it('is known on a database from before keys were written down, too, by what is stored', async () => {
    const [derived] = deriveKeys([former()], 'stored-secrets');
    const keys = await sql<object>('delete from payload_key returning *');
    await sql('insert into authenticator_app (account_id, sealed_secret) values (?, ?)', [
      stage.agent.accountId,
      seal([derived], 'JBSWY3DPEHPK3PXP'),
    ]);
    const { code, errors } = await endOf('../../apps/worker/main.ts', wrong());
    expect([keys.length, code]).toEqual([1, 1]);
    expect(errors).toContain('sealed with a key that is not here');
    expect(await sql('select * from payload_key')).toEqual([]);
    const { child } = await apiWith(environmentOf(world));
    child.kill('SIGKILL');
    expect(await sql('select key_id from payload_key')).toEqual([{ key_id: keyIdOf(former()) }]);
  }, 90_000);

  it('is not rotated to before any process seals with it', async () => {
    const refused = await countersign(['keys', 'rotate'], withNextKey());
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain('PAYLOAD_KEY is not the key that API and workers seal with');
  }, 60_000);
});

describe('a payload key that is changed', () => {
  it('leaves nothing behind: what is stored is sealed anew, running workflows end as they should', async () => {
    const hook = await stage.admin.http.post(`/v1/organizations/${stage.customerId}/webhooks`, { url: receiver.url });
    const rotated = await stage.admin.http.post(
      `/v1/organizations/${stage.customerId}/webhooks/${hook.body.id}/rotate-secret`,
    );
    expect([hook.status, rotated.status]).toEqual([201, 200]);
    const [derived] = deriveKeys([former()], 'stored-secrets');
    const sso = { issuer: 'https://idp.example', clientId: 'c', sealedClientSecret: seal([derived], 'secret') };
    await sql(`update organization set sso = ?::jsonb where id = ?`, [JSON.stringify(sso), stage.partnerId]);
    await sql(
      `insert into change_request (id, organization_id, requester_id, requester_kind, kind, about, change, reason, status, decide_by)
       values (gen_random_uuid(), ?, gen_random_uuid(), 'account', 'authentication', 'authentication', ?::jsonb, '', 'pending', 'infinity')`,
      [stage.customerId, JSON.stringify({ sso })],
    );
    await sql(`insert into signal_key (id, public_key, sealed_private_key) values ('signals', '{}', ?)`, [
      seal([derived], 'private'),
    ]);
    const elevationId = await askFor(stage, { durationSeconds: 4 });
    await eventually(() => expect(mailsAbout(world, elevationId, stage.everybody)).toHaveLength(2));
    expect(await storedBy(former())).toBe('6 of 6');

    // The worker of before ends, the API of before goes on beside what has the next key.
    await world.stopWorker();
    const worker = runProgram('../../apps/worker/main.ts', { environment: withNextKey() });
    running.push(worker);
    await eventually(
      async () =>
        expect(await sql('select key_id from payload_key order by sealing_since desc limit 1')).toEqual([
          { key_id: keyIdOf(next) },
        ]),
      60_000,
    );
    const { url } = await apiWith(withNextKey());

    const first = await countersign(['keys', 'rotate'], withNextKey());
    expect([first.code, first.errors]).toEqual([0, '']);
    expect(first.output).toContain(
      `Sealed anew with the payload key ${keyIdOf(next)}: 1 secrets of webhooks, channels and signal streams, 1 former webhook secrets, 1 single sign-on secrets, 1 proposed single sign-on secrets, 1 keys that sign signals, 1 authenticator apps.`,
    );
    expect(first.output).toMatch(
      new RegExp(
        `The key ${keyIdOf(former())} is still needed by 1 running workflow, what was sealed within the last day`,
      ),
    );
    expect([await storedBy(former()), await storedBy(next)]).toEqual(['0 of 6', '6 of 6']);
    const [derivedNext] = deriveKeys([next], 'stored-secrets');
    const [organization] = await sql<{ sso: typeof sso }>('select sso from organization where id = ?', [
      stage.partnerId,
    ]);
    expect(unseal([derivedNext], organization?.sso.sealedClientSecret ?? '')).toBe('secret');

    const approve = await fetch(`${url}/v1/elevations/${elevationId}/approve`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.admin.http.token ?? ''}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(approve.status).toBe(200);
    await eventually(async () => expect(await storedState(world, elevationId)).toBe('approved, grant expired'), 30_000);
    await eventually(() => expect(mailsAbout(world, elevationId, stage.everybody)).toEqual(everyMailOnce));
    await eventually(() =>
      expect(receiver.taken().filter(({ body }) => body.data.action === 'elevation.approved')).toHaveLength(1),
    );
    const told = receiver.taken().find(({ body }) => body.data.action === 'elevation.approved');
    expect(told && receiver.isSignedBy(told, rotated.body.secret)).toBe(true);
    expect(told && receiver.isSignedBy(told, hook.body.secret)).toBe(true);
  }, 180_000);

  it('may be forgotten once nothing needs it, and not before', async () => {
    const only = { ...environmentOf(world), PAYLOAD_KEY: next.toString('base64') };
    expect(await endOf('../../apps/api/main.ts', only)).toMatchObject({ code: 1 });
    const open = await askFor(stage);
    await sql(`update payload_key set sealing_since = sealing_since - interval '2 days'`);
    // The API of before has started it.
    await eventually(async () =>
      expect((await countersign(['keys', 'rotate'], withNextKey())).output).toContain('needed by 1 running workflow.'),
    );
    await decide(stage.agent, open, 'cancel');
    await eventually(
      async () =>
        expect((await countersign(['keys', 'rotate'], withNextKey())).output).toBe(
          `Sealed anew with the payload key ${keyIdOf(next)}: nothing was left to do.\n` +
            `Nothing needs the key ${keyIdOf(former())} any more. Take it out of PAYLOAD_KEYS.\n`,
        ),
      60_000,
    );
    const { url } = await apiWith(only);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  }, 180_000);
});

it('each sealed column is among those that are sealed anew', async () => {
  const columns = await sql<{ place: string }>(
    `select table_name || '.' || column_name as place from information_schema.columns
      where table_schema = 'public' and column_name like 'sealed\\_%' and data_type = 'text' order by 1`,
  );
  expect(columns.map(({ place }) => place)).toEqual([
    'authenticator_app.sealed_secret',
    'signal_key.sealed_private_key',
    'webhook.sealed_secret',
  ]);
});
