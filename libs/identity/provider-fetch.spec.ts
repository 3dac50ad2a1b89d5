import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetchFromProvider, isProviderUrl, type ProviderReach } from './provider-fetch.ts';
import { beginSingleSignOn, completeSingleSignOn } from './single-sign-on.ts';

const laptop: ProviderReach = { production: false, allowPrivate: true };
const guarded: ProviderReach = { production: true, allowPrivate: false };
const insideTheCompany: ProviderReach = { production: true, allowPrivate: true };

let server: Server;
let answer: RequestListener;
let visits: string[] = [];
let connections = 0;
let base: string;

beforeEach(async () => {
  visits = [];
  connections = 0;
  server = createServer((request, response) => {
    visits.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.on('connection', () => (connections += 1)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const ask = (url: string, reach: ProviderReach = laptop, signal?: AbortSignal) =>
  fetchFromProvider(url, { method: 'GET', headers: {}, body: null, signal }, reach);
const leadsTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

describe('an address of an identity provider', () => {
  it.each([
    ['https://login.example.com/', true, true, true],
    ['https://10.1.2.3/', true, false, true],
    ['https://169.254.169.254/latest', true, false, true],
    ['https://localhost:8443/', true, false, true],
    ['http://127.0.0.1:4000/', true, false, false],
    ['http://localhost:4000/', true, false, false],
    ['http://login.example.com/', false, false, false],
    ['http://10.1.2.3/', false, false, false],
    ['https://ada:secret@login.example.com/', false, false, false],
    ['nowhere', false, false, false],
  ])('%s is good on a laptop: %p, in production: %p, where private ones are allowed there: %p', (url, ...good) => {
    expect([laptop, guarded, insideTheCompany].map((reach) => isProviderUrl(url, reach))).toEqual(good);
  });
});

describe('asking an identity provider', () => {
  it('sends what the client says and gives the whole answer', async () => {
    answer = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const told = { type: request.headers['content-type'], length: request.headers['content-length'] };
        response.setHeader('content-type', 'application/json');
        response.setHeader('set-cookie', ['a=1', 'b=2']);
        response.writeHead(201).end(JSON.stringify({ ...told, body: Buffer.concat(chunks).toString() }));
      });
    };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ code: 'ü' });
    const response = await fetchFromProvider(`${base}/token`, { method: 'POST', headers, body }, laptop);
    expect([response.status, response.headers.get('content-type')]).toEqual([201, 'application/json']);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ type: headers['content-type'], length: '11', body: 'code=%C3%BC' });
    expect(visits).toEqual(['POST /token']);
  });

  it('does not follow a redirect', async () => {
    answer = (_request, response) => response.writeHead(302, { location: `${base}/elsewhere` }).end();
    expect((await ask(`${base}/here`)).status).toBe(302);
    expect(visits).toEqual(['GET /here']);
  });

  it('refuses an answer larger than any honest one, and takes no more of it', async () => {
    const closed = new Promise((resolve) => {
      answer = (_request, response) => {
        response.on('close', resolve);
        response.writeHead(200).write(Buffer.alloc(8 * 1024 * 1024));
      };
    });
    await expect(ask(base)).rejects.toMatchObject({ code: 'sso_failed' });
    await closed;
    answer = (_request, response) => response.end(Buffer.alloc(512 * 1024));
    expect((await (await ask(base)).arrayBuffer()).byteLength).toBe(512 * 1024);
  });

  it.each([
    ['says nothing', () => {}],
    ['never ends', (_request, response) => void response.writeHead(200).write('{')],
    ['breaks off', (request, response) => response.writeHead(200).write('{', () => request.destroy())],
  ] satisfies [string, RequestListener][])('tells that a provider is away which %s', async (_what, listener) => {
    answer = listener;
    const asking = ask(base, laptop, AbortSignal.timeout(300));
    await expect(asking).rejects.toMatchObject({ code: 'sso_unavailable' });
  });

  it('waits five seconds at most, whatever the client allows', async () => {
    answer = () => {};
    await expect(ask(base)).rejects.toMatchObject({ code: 'sso_unavailable' });
  });
});

describe('where private networks are not reached', () => {
  const now = new Date();
  const port = () => new URL(base).port;
  const begin = (issuer: string, reach: ProviderReach) =>
    beginSingleSignOn(
      { issuer, clientId: 'countersign', clientSecret: 'secret' },
      { ...reach, now, redirectUri: 'https://countersign.example.com/sso/callback' },
    );

  it.each([[['127.0.0.1']], [['10.0.0.5']], [['1.1.1.1', '127.0.0.1']], [['::1']], [['::ffff:127.0.0.1']]])(
    'connects to nothing where the name of the issuer leads to %j',
    async (addresses) => {
      const beginning = begin(`https://login.example.com:${port()}`, { ...guarded, resolve: leadsTo(...addresses) });
      await expect(beginning).rejects.toMatchObject({ code: 'sso_misconfigured' });
      expect(connections).toBe(0);
    },
  );

  it.each(['https://127.0.0.1', 'https://localhost', 'https://[::1]', 'https://2130706433', 'http://127.0.0.1'])(
    'connects to nothing where the issuer is %s',
    async (issuer) => {
      await expect(begin(`${issuer}:${port()}`, guarded)).rejects.toMatchObject({ code: 'sso_misconfigured' });
      expect(connections).toBe(0);
    },
  );

  it('tells a name that leads nowhere, or that nobody resolves in time, from one that may not be asked', async () => {
    const nowhere = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    const never = () => new Promise<never>(() => {});
    const url = 'https://login.example.com/';
    const inTime = AbortSignal.timeout(300);
    await expect(ask(url, { ...guarded, resolve: nowhere })).rejects.toMatchObject({ code: 'sso_unavailable' });
    await expect(ask(url, { ...guarded, resolve: never }, inTime)).rejects.toMatchObject({ code: 'sso_unavailable' });
  });

  it('reaches them where the operator says so, over TLS', async () => {
    const reach = { ...insideTheCompany, resolve: leadsTo('127.0.0.1') };
    // The server there speaks no TLS.
    await expect(begin(`https://127.0.0.1:${port()}`, reach)).rejects.toMatchObject({ code: 'sso_unavailable' });
    expect(connections).toBe(1);
  });
});

describe('the addresses in the metadata of a provider', () => {
  const options = { ...laptop, now: new Date(), redirectUri: 'http://localhost/sso/callback' };
  const metadata = (parts: Record<string, string>) => {
    const whole = {
      issuer: base,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      ...parts,
    };
    answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
    return { issuer: base, clientId: 'countersign', clientSecret: 'secret' };
  };

  it('are judged like the issuer: the page', async () => {
    const provider = metadata({ authorization_endpoint: 'http://10.0.0.5/authorize' });
    await expect(beginSingleSignOn(provider, options)).rejects.toMatchObject({ code: 'sso_misconfigured' });
  });

  it('are judged like the issuer: where the code is exchanged', async () => {
    const provider = metadata({ token_endpoint: 'http://10.0.0.5/token' });
    const { transaction } = await beginSingleSignOn(provider, options);
    const callback = new URL(`${options.redirectUri}?code=1&state=${transaction.state}`);
    const completing = completeSingleSignOn(provider, options, transaction, callback);
    await expect(completing).rejects.toMatchObject({ code: 'sso_misconfigured' });
  });
});
