// What the package is made of exists only once the test has made it, so nothing here can know its types.
/* oxlint-disable typescript/no-explicit-any */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { createWorld, type World } from '../support/world.ts';

const fileOf = (path: string) => fileURLToPath(new URL(`../../packages/client/${path}`, import.meta.url));

let world: World;
let stage: ElevationStage;
/** The package as consumers get it: generated from the served document, compiled, untyped from here. */
let client: any;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  stage = await setElevationStage(world);
  // What was made before of the same document is what consumers get; other tests are using it.
  const served = (await (await fetch(`${world.baseUrl}/openapi.json`)).json()) as object;
  const made = await readFile(fileOf('src/generated/openapi.json'), 'utf8').then(
    (text) => JSON.parse(text) as object,
    () => null,
  );
  if (!isDeepStrictEqual({ ...made, servers: null }, { ...served, servers: null }))
    await promisify(execFile)(process.execPath, [fileOf('build.mjs')]);
  client = await import(fileOf('dist/index.js'));
}, 240_000);
afterAll(() => world.stop());

const as = (person: { http: { token: string | null } }, more: object = {}) =>
  client.connect({ baseUrl: world.baseUrl, token: person.http.token, ...more });

async function ask(): Promise<{ id: string }> {
  return as(stage.agent).requestElevation({ body: { customerId: stage.customerId, reason: 'Phones do not register' } });
}

const mayWriteDevices = (countersign: any) =>
  countersign.evaluate({
    body: {
      subject: { type: 'account', id: stage.agent.accountId },
      action: { name: 'write' },
      resource: { type: 'setting', id: 'devices', properties: { organizationId: stage.customerId } },
    },
  });

describe('the client made of the document', () => {
  it('asks, approves, asks whether it is permitted, and gives back', async () => {
    const agent = as(stage.agent);
    const { id } = await ask();
    const decided = client.untilDecided(agent, id);
    await as(stage.admin).approveElevation({ path: { id }, body: { durationSeconds: 600 } });
    expect(await decided).toMatchObject({ status: 'approved', grant: { status: 'active' } });
    expect(await mayWriteDevices(agent)).toMatchObject({ decision: true });
    await agent.returnElevation({ path: { id } });
    expect(await client.untilEnded(agent, id)).toMatchObject({ grant: { status: 'returned' } });
    expect(await mayWriteDevices(agent)).toMatchObject({ decision: false });
  });

  it('throws what is refused, with its code and the next step', async () => {
    const refused = as(stage.admin).requestElevation({ body: { customerId: stage.customerId, reason: 'Let me in' } });
    await expect(refused).rejects.toBeInstanceOf(client.CountersignProblem);
    await expect(refused).rejects.toMatchObject({
      status: 403,
      code: 'not_help_desk_advanced',
      next: expect.any(String),
    });
  });

  it('asks once, however often the connection breaks before the answer', async () => {
    let broken = 0;
    const agent = as(stage.agent, {
      fetch: async (request: Request) => {
        const answer = await fetch(request);
        if (request.method === 'POST' && broken++ === 0) throw new TypeError('The connection was reset');
        return answer;
      },
    });
    const { id } = await agent.requestElevation({ body: { customerId: stage.customerId, reason: 'Line is noisy' } });
    const { items } = await agent.listElevations({ query: { status: 'pending' } });
    expect(items.map((one: { id: string }) => one.id)).toEqual([id]);
    await agent.cancelElevation({ path: { id } });
  });

  it('walks a list to its end', async () => {
    for (let count = 0; count < 3; count += 1) {
      const { id } = await ask();
      await as(stage.agent).cancelElevation({ path: { id } });
    }
    const agent = as(stage.agent);
    const ids = new Set<string>();
    const pages: (string | undefined)[] = [];
    for await (const { id } of client.everyItem((cursor?: string) => {
      pages.push(cursor);
      return agent.listElevations({ query: { limit: 2, cursor } });
    }))
      ids.add(id);
    const { items } = await agent.listElevations({ query: { limit: 200 } });
    expect([...ids]).toEqual(items.map(({ id }: { id: string }) => id));
    expect(pages.length).toBeGreaterThan(1);
  });
});

describe('a service that asks before each act', () => {
  let server: Server;
  let grant: string;
  const service = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeAll(async () => {
    const guard = client.requireAccess(as(stage.agent), {
      action: 'write',
      resource: 'devices',
      subject: ({ headers }: { headers: Record<string, string> }) => headers['x-account'] ?? null,
      organization: () => stage.customerId,
    });
    server = createServer((request, response) => {
      const express = Object.assign(response, {
        status: (code: number) => {
          response.statusCode = code;
          return { json: (body: unknown) => response.end(JSON.stringify(body)) };
        },
      });
      void guard(request, express, () => response.end('{}'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const use = (account?: string) => fetch(service(), { headers: account ? { 'x-account': account } : {} });

  it('lets nobody in without a grant, and nobody who is not signed in', async () => {
    expect((await use(stage.agent.accountId)).status).toBe(403);
    expect((await use()).status).toBe(401);
  });

  it('lets the agent in while the grant lives, and not a moment longer', async () => {
    grant = (await ask()).id;
    await as(stage.admin).approveElevation({ path: { id: grant } });
    expect((await use(stage.agent.accountId)).status).toBe(200);
    await as(stage.admin).revokeElevation({ path: { id: grant } });
    expect((await use(stage.agent.accountId)).status).toBe(403);
  });
});

describe('a receiver of webhooks', () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const body = JSON.stringify({ type: 'elevation.approved', timestamp: new Date().toISOString(), data: { id: '1' } });
  const headersAt = (at: Date) => ({
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('msg_1', at, body),
  });

  it('takes what is signed, and refuses what was changed or is old', () => {
    const headers = headersAt(new Date());
    expect(client.verifyWebhook(secret, body, headers)).toMatchObject({ type: 'elevation.approved' });
    expect(() => client.verifyWebhook(secret, body.replace('approved', 'denied'), headers)).toThrow();
    expect(() => client.verifyWebhook(secret, body, headersAt(new Date(Date.now() - 3_600_000)))).toThrow();
    expect(() => client.verifyWebhook(secret, body, {})).toThrow();
  });
});
