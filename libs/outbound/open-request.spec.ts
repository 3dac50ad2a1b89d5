import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openRequest, type Reach } from './open-request.ts';
import { AddressNotAllowed } from './public-lookup.ts';

let server: Server;
let port: number;
let visits = 0;

beforeAll(async () => {
  server = createServer((_request, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
  server.on('connection', () => (visits += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});

beforeEach(() => {
  visits = 0;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function statusOf(url: string, reach: Reach): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    openRequest(url, reach, { method: 'GET' })
      .on('error', reject)
      .on('response', (response) => resolve(response.resume().statusCode))
      .end();
  });
}

const leadsTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('a request to an address that a tenant chose', () => {
  it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', 'localhost'])(
    'is not begun to %s',
    async (host) => {
      const asking = statusOf(`https://${host}:${port}/`, { allowPrivate: false });
      await expect(asking).rejects.toBeInstanceOf(AddressNotAllowed);
      expect(visits).toBe(0);
    },
  );

  it.each([[['127.0.0.1']], [['1.1.1.1', '127.0.0.1']], [['::1']]])(
    'connects to nothing where its name leads to %j',
    async (addresses) => {
      const reach = { allowPrivate: false, resolve: leadsTo(...addresses) };
      const asking = statusOf(`https://login.example.com:${port}/`, reach);
      await expect(asking).rejects.toBeInstanceOf(AddressNotAllowed);
      expect(visits).toBe(0);
    },
  );

  it('reaches this machine where that is allowed, however the scheme is written, and stays where it was sent', async () => {
    expect(await statusOf(`HTTP://127.0.0.1:${port}/`, { allowPrivate: true })).toBe(302);
    expect(visits).toBe(1);
  });
});
