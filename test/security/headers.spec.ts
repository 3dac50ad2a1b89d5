import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { organization, person, type Cast } from '../support/cast.ts';
import { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let customerId: string;
let carl: Cast;

beforeAll(async () => {
  // As behind a TLS proxy: what people open is https.
  world = await createWorld({ worker: false, environment: { PUBLIC_URL: 'https://countersign.example' } });
  customerId = await organization(world, 'customer', { name: 'Harbour' });
  carl = await person(world, 'Carl', [{ in: customerId, roles: ['full_administrator'] }]);
}, 120_000);

afterAll(() => world?.stop());

const everywhere = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': expect.stringMatching(/^max-age=\d{8,}/),
  'content-security-policy': expect.stringMatching(/frame-ancestors '(?:none|self)'/),
};

describe('an answer', () => {
  it.each([
    ['of the API', () => `/v1/organizations/${customerId}/members`, 200],
    ['that refuses', () => '/v1/organizations/nowhere', 404],
    ['about a person', () => '/v1/me', 200],
    ['that is the document', () => '/openapi.json', 200],
    ['that is a page', () => '/sign-in', 200],
    ['that is no page', () => '/nowhere', 404],
  ])('%s carries the headers that keep browsers from mischief', async (_what, path, status) => {
    const answer = await carl.http.get(path());
    expect(answer.status).toBe(status);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject(everywhere);
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  it('about people or with a token in it is kept by no cache', async () => {
    const groups = `/v1/organizations/${customerId}/groups`;
    const answers = [
      await carl.http.get('/v1/me'),
      await carl.http.get(groups),
      await carl.http.post(groups, { name: 'Night shift' }),
      await carl.http.get('/v1/organizations/nowhere'),
      await world.visitor.post('/v1/sessions', { email: 'x@y.example', password: 'x' }),
      await carl.http.post('/access/v1/evaluation', {}),
    ];
    expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(answers.map(() => 'no-store'));
  });

  it('is given to no page of another origin', async () => {
    const origin = 'https://elsewhere.example';
    const ask = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const before = await world.visitor.request('OPTIONS', '/v1/elevations', undefined, ask);
    const answer = await carl.http.get('/v1/me', { origin });
    for (const { headers } of [before, answer])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('tells of a fault no more than a number', async () => {
    const broken = await carl.http.request('POST', '/v1/elevations', '{"reason": ', {
      'content-type': 'application/json',
    });
    expect(broken.status).toBe(400);
    expect(JSON.stringify(broken.body)).not.toMatch(/SyntaxError|node_modules|\bat .*:\d+/);
  });
});

describe('a cookie under https', () => {
  it('is bound to this host and to TLS, and no script reads it', async () => {
    const page = await new HttpClient(world.baseUrl, null).get('/sign-in', { accept: 'text/html' });
    const cookies = page.headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-countersign-/);
      for (const attribute of [/; Path=\/(?:;|$)/, /; HttpOnly/, /; Secure/, /; SameSite=Lax/])
        expect(cookie).toMatch(attribute);
      expect(cookie).not.toMatch(/Domain=/i);
    }
  });

  it('of a session counts under its bound name only', async () => {
    const asBrowser = (name: string) =>
      new HttpClient(world.baseUrl, null).get('/', { cookie: `${name}=${carl.http.token}`, accept: 'text/html' });
    expect((await asBrowser('__Host-countersign')).status).toBe(200);
    // A name without the prefix can be set by a neighbouring host or over http.
    expect((await asBrowser('countersign')).headers.get('location')).toMatch(/^\/sign-in/);
  });
});
