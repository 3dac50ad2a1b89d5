import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AuditEventView } from '#contracts';
import { postEvent } from './post-event.ts';

const event: AuditEventView = {
  position: 7,
  id: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e',
  action: 'elevation.approved',
  actor: { kind: 'account', id: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5f' },
  organizationIds: [],
  subject: { kind: 'elevation', id: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d60' },
  reason: 'Phones do not register: ü',
  outcome: 'success',
  facts: {},
  sourceAddress: null,
  at: '2026-11-22T09:30:00.000Z',
  grantId: null,
};
const post = (url: string) => ({ url, event, secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], at: new Date() });
const local = { allowPrivate: true, timeoutMilliseconds: 500 };

let server: Server;
let visits = 0;

async function receiver(listener: RequestListener): Promise<string> {
  visits = 0;
  server = createServer(listener).on('connection', () => (visits += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const isOver = () => new Promise<boolean>((resolve) => server.getConnections((_error, count) => resolve(count === 0)));

describe('sending an event', () => {
  it.each([200, 202, 204])('counts %i as delivered', async (status) => {
    const url = await receiver((_request, response) => void response.writeHead(status).end());
    expect(await postEvent(post(url), local)).toEqual({ delivered: true });
  });

  it.each([
    [301, 'unexpected_status'],
    [400, 'unexpected_status'],
    [410, 'gone'],
    [500, 'unexpected_status'],
  ])('counts %i as not', async (status, reason) => {
    const url = await receiver((request, response) => {
      const answer = request.url === '/' ? status : 200;
      response.writeHead(answer, { location: '/elsewhere' }).end();
    });
    expect(await postEvent(post(url), local)).toEqual({ delivered: false, reason, status });
    expect(visits).toBe(1);
  });

  it('gives up on a receiver that says nothing', async () => {
    const url = await receiver(() => {});
    expect(await postEvent(post(url), local)).toEqual({ delivered: false, reason: 'timeout', status: null });
  });

  it('waits for no answer that never ends, and closes the connection', async () => {
    const url = await receiver((_request, response) => {
      response.writeHead(200);
      const writing = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(writing));
    });
    expect(await postEvent(post(url), local)).toEqual({ delivered: true });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await isOver()).toBe(true);
  });

  it('reads little of a long answer', async () => {
    let closed = false;
    const url = await receiver((_request, response) => {
      response.on('close', () => (closed = true));
      response.writeHead(200).write(Buffer.alloc(8 * 1024 * 1024));
    });
    expect(await postEvent(post(url), { ...local, timeoutMilliseconds: 30_000 })).toEqual({ delivered: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(closed).toBe(true);
  });

  it('tells when nobody listens', async () => {
    const url = await receiver(() => {});
    server.close();
    await once(server, 'close');
    expect(await postEvent(post(url), local)).toEqual({
      delivered: false,
      reason: 'connection_failed',
      status: null,
    });
  });
});

describe('where private networks are not reached', () => {
  const guarded = { ...local, allowPrivate: false };
  const refused = { delivered: false, reason: 'address_not_allowed', status: null };

  it('does not connect to plain http or a private address', async () => {
    const url = await receiver((_request, response) => void response.end());
    expect(await postEvent(post(url), guarded)).toEqual(refused);
    expect(await postEvent(post(url.replace('http:', 'https:')), guarded)).toEqual(refused);
    expect(visits).toBe(0);
  });

  it.each([[['127.0.0.1']], [['1.1.1.1', '127.0.0.1']], [['::1']]])(
    'does not connect to a name that leads to %j',
    async (addresses) => {
      const url = new URL(await receiver((_request, response) => void response.end()));
      const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      const outcome = await postEvent(post(`https://hooks.example.com:${url.port}/`), { ...guarded, resolve });
      expect(outcome).toEqual(refused);
      expect(visits).toBe(0);
    },
  );

  it('tells that a name leads nowhere', async () => {
    await receiver(() => {});
    const resolve = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    const outcome = await postEvent(post('https://hooks.example.com/'), { ...guarded, resolve });
    expect(outcome).toEqual({ delivered: false, reason: 'name_not_resolved', status: null });
  });
});
