import { createHash, createHmac, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportSPKI, importJWK, SignJWT, type JWTPayload } from 'jose';
import { apiKeyScopes } from '#access';
import { asSystem, Session, SessionCode } from '#persistence';
import { Browser } from '../support/browser.ts';
import { organization, person, service, type Cast } from '../support/cast.ts';
import { HttpClient, type Answer } from '../support/http-client.ts';
import { newSigningKey, startSigningIssuer, type SigningIssuer } from '../support/signing-issuer.ts';
import { createWorld, type World } from '../support/world.ts';

const ada = { sub: 'ada-at-acme', email: 'ada@acme.example' };

let world: World;
let issuer: SigningIssuer;
let acmeId: string;

beforeAll(async () => {
  world = await createWorld({ worker: false });
  issuer = await startSigningIssuer(ada);
  const created = await world.support.post('/v1/organizations', {
    kind: 'customer',
    name: 'Acme',
    slug: 'acme',
    loginMethods: ['sso'],
    sso: issuer.sso,
    firstAdministrator: { email: ada.email, displayName: 'Ada Lovelace' },
  });
  expect(created.status).toBe(201);
  acmeId = created.body.id;
}, 120_000);

afterAll(async () => {
  await issuer?.stop();
  await world?.stop();
});

/** What the API says to a request that shows no valid proof of who sends it. */
function expectUnauthenticated(answer: Answer, code: string): void {
  expect(answer).toMatchObject({ status: 401, body: { status: 401, code } });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="countersign"');
  expect(answer.headers.getSetCookie().filter((cookie) => /^countersign=[^;]/.test(cookie))).toEqual([]);
}

interface WayBack {
  /** Path and query of the callback. */
  path: string;
  cookie: string;
  codeVerifier: string;
}

/** To the provider and as far as the address it sends the browser back to; `asClient` as a program that wants a token. */
async function untilSentBack({ asClient }: { asClient: boolean }): Promise<WayBack> {
  const codeVerifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const browser = new Browser();
  const begin = `${world.baseUrl}/sso/acme/start${asClient ? `?codeChallenge=${challenge}` : ''}`;
  const { url: back } = await browser.press(begin, 'text/html', ({ pathname }) => pathname === '/sso/acme/callback');
  const cookies = browser.cookiesFor(world.baseUrl).split('; ');
  const cookie = cookies.find((one) => one.startsWith('countersign-sso-')) ?? '';
  return { path: `${back.pathname}${back.search}`, cookie, codeVerifier };
}

const comeBack = ({ path, cookie }: WayBack) => world.visitor.get(path, { cookie });

const count = (entity: typeof Session | typeof SessionCode) =>
  world.database.transaction(asSystem, (em) => em.count(entity as typeof Session));

/** One whole sign-in of a program: the callback's answer, or that of the exchange where it got so far. */
async function signOn(): Promise<Answer> {
  const way = await untilSentBack({ asClient: true });
  const answer = await comeBack(way);
  if (answer.status !== 200) return answer;
  return world.visitor.post('/v1/sessions/sso', { code: answer.body.code, codeVerifier: way.codeVerifier });
}

async function withToken(idToken: SigningIssuer['idToken'], check: () => Promise<void>): Promise<void> {
  const { idToken: honest, algorithms } = issuer;
  issuer.idToken = idToken;
  try {
    await check();
  } finally {
    Object.assign(issuer, { idToken: honest, algorithms, userinfo: null, callback: {} });
  }
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const byHmac = (secret: string, claims: JWTPayload, kid = issuer.key.kid): string => {
  const signed = `${encoded({ alg: 'HS256', kid })}.${encoded(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
};

/** A token that names the key to verify it with, inside and by address. */
const bringingItsKey = async (claims: JWTPayload): Promise<string> => {
  const { kid, privateKey, publicJwk } = await newSigningKey();
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid, jwk: publicJwk, jku: `${issuer.sso.issuer}/other-keys` })
    .sign(privateKey);
};

const publicKeyAsPem = async (): Promise<string> => {
  const key = await importJWK({ ...issuer.key.publicJwk, ext: true }, 'RS256');
  if (key instanceof Uint8Array) throw new Error('The key is not an RSA key');
  return exportSPKI(key);
};

/** Every one of these is signed or claims what an honest token would not. */
const forgeries: [string, SigningIssuer['idToken']][] = [
  ['of another issuer', (claims) => issuer.sign({ ...claims, iss: 'https://idp.globex.example' })],
  ['of an issuer that only begins alike', (claims) => issuer.sign({ ...claims, iss: `${claims.iss}.evil.example` })],
  ['without an issuer', (claims) => issuer.sign({ ...claims, iss: undefined })],
  ['for another audience', (claims) => issuer.sign({ ...claims, aud: 'another-client' })],
  ['for several audiences, ours among them', (claims) => issuer.sign({ ...claims, aud: ['other', 'countersign'] })],
  [
    'for our audience, issued to another party',
    (claims) => issuer.sign({ ...claims, aud: ['countersign', 'other'], azp: 'other' }),
  ],
  ['without an audience', (claims) => issuer.sign({ ...claims, aud: undefined })],
  ['with `alg: none`', (claims) => `${encoded({ alg: 'none' })}.${encoded(claims)}.`],
  ['with `alg: None` and a signature', (claims) => `${encoded({ alg: 'None' })}.${encoded(claims)}.AAAA`],
  ['signed by HMAC with our client secret', (claims) => byHmac(issuer.sso.clientSecret, claims)],
  ['signed by HMAC with the public key', async (claims) => byHmac(await publicKeyAsPem(), claims)],
  ['signed with an unknown key', async (claims) => issuer.sign(claims, await newSigningKey())],
  [
    'signed with another key under the known id',
    async (claims) => issuer.sign(claims, { ...(await newSigningKey()), kid: issuer.key.kid }),
  ],
  ['that brings its own key along', (claims) => bringingItsKey(claims)],
  [
    'changed after it was signed',
    async (claims) => {
      const [header, , signature] = (await issuer.sign(claims)).split('.');
      return `${header}.${encoded({ ...claims, email: 'somebody-else@acme.example' })}.${signature}`;
    },
  ],
  ['without its signature', async (claims) => `${(await issuer.sign(claims)).split('.').slice(0, 2).join('.')}.`],
  ['that has expired', (claims) => issuer.sign({ ...claims, iat: now() - 600, exp: now() - 120 })],
  ['without an end', (claims) => issuer.sign({ ...claims, exp: undefined })],
  ['that is not valid yet', (claims) => issuer.sign({ ...claims, nbf: now() + 600 })],
  ['with the nonce of another sign-in', (claims) => issuer.sign({ ...claims, nonce: 'another-nonce' })],
  ['without a nonce', (claims) => issuer.sign({ ...claims, nonce: undefined })],
  ['about nobody', (claims) => issuer.sign({ ...claims, sub: undefined })],
  ['that is no token', () => 'eyJhbGciOiJSUzI1NiJ9'],
  [
    'that is encrypted to nobody we know',
    (claims) => `${encoded({ alg: 'dir', enc: 'A256GCM' })}..${encoded(claims)}.AA.AA`,
  ],
];

describe('an ID token', () => {
  it('that is honest signs in, else nothing below would say anything', async () => {
    const session = await signOn();
    expect(session).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^cs_session_/) } });
  });

  it.each(forgeries)('%s signs nobody in, neither a program nor a browser', async (_what, idToken) => {
    await withToken(idToken, async () => {
      const before = [await count(Session), await count(SessionCode)];
      // A provider that names every algorithm as good must make no difference.
      for (const algorithms of [['RS256'], ['RS256', 'HS256', 'none']]) {
        issuer.algorithms = algorithms;
        for (const asClient of [true, false])
          expectUnauthenticated(await comeBack(await untilSentBack({ asClient })), 'sso_failed');
      }
      expect([await count(Session), await count(SessionCode)]).toEqual(before);
    });
  });

  it('of a key that was rotated away is refused, and the new key counts without a restart', async () => {
    const former = issuer.key;
    const rotated = await issuer.rotate();
    expect(rotated.kid).not.toBe(former.kid);
    expect((await signOn()).status).toBe(201);
    await withToken(
      (claims) => issuer.sign(claims, former),
      async () => expectUnauthenticated(await signOn(), 'sso_failed'),
    );
    expect((await signOn()).status).toBe(201);
  });

  it('tells a browser on a page of ours, and signs it in no more than a program', async () => {
    await withToken(
      (claims) => issuer.sign({ ...claims, nonce: undefined }),
      async () => {
        const { path, cookie } = await untilSentBack({ asClient: false });
        const page = await world.visitor.get(path, { cookie, accept: 'text/html' });
        expect(page.status).toBe(401);
        expect(page.headers.get('content-type')).toMatch(/^text\/html/);
        expect(page.headers.getSetCookie().some((one) => /^countersign=[^;]/.test(one))).toBe(false);
      },
    );
  });

  it('is not completed by what userinfo says about somebody else', async () => {
    const withoutAddress: SigningIssuer['idToken'] = (claims) =>
      issuer.sign({ ...claims, sub: 'new-subject', email: undefined, email_verified: undefined });
    await withToken(withoutAddress, async () => {
      issuer.userinfo = { ...ada, email_verified: true };
      expectUnauthenticated(await signOn(), 'sso_failed');
      // About the same person it does count: ada's address is a member's, whom the mailed link will connect.
      issuer.userinfo = { ...ada, sub: 'new-subject', email_verified: true };
      expect((await signOn()).body.code).toBe('identity_not_linked');
    });
  });

  it.each([false, undefined, null, 'true', 1])('with `email_verified: %j` vouches for no address', async (verified) => {
    await withToken(
      (claims) => issuer.sign({ ...claims, sub: 'never-seen', email_verified: verified }),
      async () => expect(await signOn()).toMatchObject({ status: 403, body: { code: 'address_not_verified' } }),
    );
  });
});

describe('the way back from the provider', () => {
  it('is refused with the state of another sign-in, and without state', async () => {
    const mine = await untilSentBack({ asClient: true });
    const other = await untilSentBack({ asClient: true });
    const stateless = mine.path.replace(/state=[^&]+/, '');
    for (const path of [other.path, stateless]) {
      expect(await comeBack({ ...mine, path })).toMatchObject({ status: 400, body: { code: 'sso_transaction_lost' } });
    }
  });

  it('is refused when the answer names another issuer than the one that was asked', async () => {
    await withToken(
      (claims) => issuer.sign(claims),
      async () => {
        issuer.callback = { iss: 'https://idp.globex.example' };
        expectUnauthenticated(await signOn(), 'sso_failed');
      },
    );
  });

  it('can be gone once: the cookie of the sign-in is taken away with the answer', async () => {
    const way = await untilSentBack({ asClient: false });
    const first = await comeBack(way);
    expect(first.status).toBe(303);
    const cleared = first.headers.getSetCookie().find((cookie) => cookie.startsWith('countersign-sso-'));
    expect(cleared).toMatch(/^countersign-sso-[\w-]{22}=;.*Expires=Thu, 01 Jan 1970/);
    expect(await world.visitor.get(way.path)).toMatchObject({ status: 400, body: { code: 'sso_transaction_lost' } });
  });

  it('can’t be begun by a cookie somebody wrote themselves or changed', async () => {
    const way = await untilSentBack({ asClient: true });
    const [name, sealed = ''] = way.cookie.split('=');
    const changed = Buffer.from(decodeURIComponent(sealed), 'base64url');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const plain = encoded({ organizationId: acmeId, transaction: { state: 'x', nonce: 'y', codeVerifier: 'z' } });
    for (const value of [changed.toString('base64url'), plain, ''])
      expect(await comeBack({ ...way, cookie: `${name}=${value}` })).toMatchObject({
        status: 400,
        body: { code: 'sso_transaction_lost' },
      });
  });
});

describe('the code of a single sign-on', () => {
  const exchange = (code: string, codeVerifier: string) =>
    world.visitor.post('/v1/sessions/sso', { code, codeVerifier });

  async function freshCode(): Promise<{ code: string; codeVerifier: string }> {
    const way = await untilSentBack({ asClient: true });
    const { body } = await comeBack(way);
    return { code: body.code, codeVerifier: way.codeVerifier };
  }

  it('works once, and not at all with another verifier or after its minute', async () => {
    const used = await freshCode();
    expect((await exchange(used.code, used.codeVerifier)).status).toBe(201);
    expectUnauthenticated(await exchange(used.code, used.codeVerifier), 'session_code_invalid');

    const guessed = await freshCode();
    expectUnauthenticated(await exchange(guessed.code, randomBytes(32).toString('base64url')), 'session_code_invalid');
    expectUnauthenticated(await exchange(guessed.code, guessed.codeVerifier), 'session_code_invalid');

    const late = await freshCode();
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(SessionCode, {}, { expiresAt: new Date(Date.now() - 1000) }),
    );
    expectUnauthenticated(await exchange(late.code, late.codeVerifier), 'session_code_invalid');
  });

  it('is no ID token and no session token, and the exchange takes neither', async () => {
    const { codeVerifier } = await freshCode();
    const { body } = await signOn();
    expectUnauthenticated(await exchange(body.token, codeVerifier), 'session_code_invalid');
    expectUnauthenticated(
      await exchange(`cs_code_${randomBytes(32).toString('base64url')}`, codeVerifier),
      'session_code_invalid',
    );
    const idToken = await issuer.sign({ ...ada, iss: issuer.sso.issuer, aud: 'countersign', exp: now() + 60 });
    const answer = await world.visitor.post('/v1/sessions/sso', { code: idToken, codeVerifier, id_token: idToken });
    expect([400, 401]).toContain(answer.status);
  });

  it('is exchanged once by two at the same moment', async () => {
    const { code, codeVerifier } = await freshCode();
    const answers = await Promise.all(Array.from({ length: 10 }, () => exchange(code, codeVerifier)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      201,
      ...Array<number>(9).fill(401),
    ]);
  });
});

describe('a bearer token', () => {
  let customerId: string;
  let carl: Cast;
  let key: HttpClient;

  beforeAll(async () => {
    customerId = await organization(world, 'customer', { name: 'Harbour' });
    carl = await person(world, 'Carl', [{ in: customerId, roles: ['full_administrator'] }]);
    key = await service(world, customerId, ['full_administrator']);
  });

  const path = () => `/v1/organizations/${customerId}/groups`;
  const asking = (authorization: string | null, headers: Record<string, string> = {}) =>
    new HttpClient(world.baseUrl, null).get(path(), { ...(authorization !== null && { authorization }), ...headers });
  const tokenOf = ({ token }: HttpClient) => token ?? '';

  it('is what lets in, else nothing below would say anything', async () => {
    expect((await asking(`Bearer ${tokenOf(carl.http)}`)).status).toBe(200);
    expect((await asking(`bearer ${tokenOf(carl.http)}`)).status).toBe(200);
    expect((await asking(`Bearer ${tokenOf(key)}`)).status).toBe(200);
  });

  it.each<[string, (token: string) => string | null]>([
    ['there is none', () => null],
    ['is empty', () => 'Bearer '],
    ['is garbage', () => 'Bearer garbage'],
    ['is a made-up session', () => `Bearer cs_session_${randomBytes(32).toString('base64url')}`],
    ['is a made-up API key', () => `Bearer cs_key_${randomBytes(32).toString('base64url')}`],
    ['is a digest from a stolen database', (token) => `Bearer cs_session_${digestOf(token)}`],
    ['is that digest alone', (token) => `Bearer ${digestOf(token)}`],
    ['lacks its last character', (token) => `Bearer ${token.slice(0, -1)}`],
    ['has one character more', (token) => `Bearer ${token}A`],
    ['is written in another case', (token) => `Bearer ${token.toUpperCase()}`],
    ['names the other kind', (token) => `Bearer ${token.replace('cs_session_', 'cs_key_')}`],
    ['comes under another scheme', (token) => `Token ${token}`],
    ['comes as Basic', (token) => `Basic ${Buffer.from(`carl:${token}`).toString('base64')}`],
    ['comes without a scheme', (token) => token],
    ['is followed by another', (token) => `Bearer ${token}, Bearer ${token}`],
    ['is an unsigned JWT', () => `Bearer ${encoded({ alg: 'none' })}.${encoded({ sub: carl.accountId })}.`],
    ['is very long', () => `Bearer ${'x'.repeat(7000)}`],
    ['has control characters', (token) => `Bearer ${token}\t`.replace('\t', '%00')],
  ])('is refused when it %s', async (_why, authorization) => {
    expectUnauthenticated(await asking(authorization(tokenOf(carl.http))), 'not_authenticated');
  });

  const digestOf = (token: string) => createHash('sha256').update(token).digest('base64url');

  it.each<[string, (token: string) => string]>([
    ['a character less', (token) => token.slice(0, -1)],
    ['a character more', (token) => `${token}0`],
    ['another last character', (token) => `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`],
    ['another case', (token) => token.toUpperCase()],
    ['its digest', digestOf],
  ])('is not the support team’s with %s', async (_what, change) => {
    expect((await asking(`Bearer ${world.config.supportToken}`)).status).not.toBe(401);
    const token = change(world.config.supportToken);
    expectUnauthenticated(await asking(`Bearer ${token}`), 'not_authenticated');
  });

  it('counts in its header only: not in the address, a form, a body or a cookie', async () => {
    const token = tokenOf(carl.http);
    const nobody = new HttpClient(world.baseUrl, null);
    for (const name of ['access_token', 'token', 'authorization'])
      expectUnauthenticated(await nobody.get(`${path()}?${name}=${token}`), 'not_authenticated');
    const cookie = `countersign=${token}; __Host-countersign=${token}`;
    expectUnauthenticated(await nobody.get(path(), { cookie }), 'not_authenticated');
    expectUnauthenticated(await nobody.post(path(), { name: 'By cookie' }, { cookie }), 'not_authenticated');
    expectUnauthenticated(await nobody.post(path(), { name: 'By body', access_token: token }), 'not_authenticated');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await nobody.post(path(), `name=x&access_token=${token}`, form)).status).toBe(415);
    for (const name of ['x-api-key', 'proxy-authorization', 'x-authorization'])
      expectUnauthenticated(await nobody.get(path(), { [name]: `Bearer ${token}` }), 'not_authenticated');
    expect((await carl.http.get(path())).body.items).toEqual([]);
  });

  it('is refused where two are sent, since a proxy before us may have judged the other one', async () => {
    const mine = `Bearer ${tokenOf(carl.http)}`;
    for (const both of [
      [mine, 'Bearer garbage'],
      ['Bearer garbage', mine],
      [mine, mine],
    ]) {
      const headers = ['Host', new URL(world.baseUrl).host, ...both.flatMap((value) => ['Authorization', value])];
      const answer = await new Promise<{ status?: number; challenge?: string }>((resolve, reject) => {
        httpRequest(`${world.baseUrl}${path()}`, { headers, agent: false }, (response) => {
          response.resume();
          resolve({ status: response.statusCode, challenge: response.headers['www-authenticate'] });
        })
          .on('error', reject)
          .end();
      });
      expect(answer).toEqual({ status: 401, challenge: 'Bearer realm="countersign"' });
    }
  });

  it('in the cookie of a page is a session or nothing, and decides nothing without the form’s token', async () => {
    const nobody = new HttpClient(world.baseUrl, null);
    const pageAs = (token: string) =>
      nobody.get('/account/sessions', { cookie: `countersign=${token}`, accept: 'text/html' });
    expect((await pageAs(tokenOf(carl.http))).status).not.toBe(303);
    for (const token of [
      world.config.supportToken,
      tokenOf(key),
      `cs_session_${randomBytes(32).toString('base64url')}`,
    ])
      expect(
        (await nobody.get('/', { cookie: `countersign=${token}`, accept: 'text/html' })).headers.get('location'),
      ).toMatch(/^\/sign-in/);
    const forged = await nobody.post('/sign-out', 'x=1', {
      cookie: `countersign=${tokenOf(carl.http)}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(forged.status).toBe(403);
    expect((await carl.http.get('/v1/me')).status).toBe(200);
  });

  const inVain = async (http: HttpClient) => {
    expectUnauthenticated(await http.get(path()), 'not_authenticated');
    // A route that is open to everybody does not take a bad token for none.
    expectUnauthenticated(
      await http.post('/v1/sessions', { email: 'x@y.example', password: 'x' }),
      'not_authenticated',
    );
  };

  it('ends with its session: signed out, expired, unused for long', async () => {
    for (const change of [
      { revokedAt: new Date() },
      { expiresAt: new Date(Date.now() - 1000) },
      { lastSeenAt: new Date(Date.now() - 3 * 3600_000) },
    ]) {
      const { http, accountId } = await person(world, 'Guest', [{ in: customerId, roles: ['full_administrator'] }]);
      expect((await http.get(path())).status).toBe(200);
      await world.database.transaction(asSystem, (em) => em.nativeUpdate(Session, { accountId }, change));
      await inVain(http);
    }
    const { http } = await person(world, 'Leaver', [{ in: customerId, roles: ['full_administrator'] }]);
    expect((await http.delete('/v1/sessions/current')).status).toBe(204);
    await inVain(http);
  });

  it('ends with its account, and with the membership acts there no more', async () => {
    const gone = await person(world, 'Gone', [{ in: customerId, roles: ['device_administrator'] }]);
    expect((await gone.http.get('/v1/me')).status).toBe(200);
    const removed = await world.support.request('DELETE', `/v1/accounts/${gone.accountId}`, { reason: 'Left' });
    expect(removed.status).toBe(204);
    await inVain(gone.http);

    const former = await person(world, 'Former', [{ in: customerId, roles: ['full_administrator'] }]);
    expect((await former.http.get(path())).status).toBe(200);
    const memberId = former.memberIds[customerId];
    expect((await carl.http.delete(`/v1/organizations/${customerId}/members/${memberId}`)).status).toBe(204);
    expect((await former.http.get(path())).status).toBe(404);
    expect((await former.http.post(path(), { name: 'Still here' })).status).toBe(404);
  });

  it('of a service ends when the key is revoked', async () => {
    const made = await carl.http.post(`/v1/organizations/${customerId}/api-keys`, {
      name: 'Reporting',
      administratorRoles: ['read_only_administrator'],
      scopes: [...apiKeyScopes],
    });
    const reporting = new HttpClient(world.baseUrl, made.body.token);
    expect((await reporting.get(path())).status).toBe(200);
    await carl.http.delete(`/v1/organizations/${customerId}/api-keys/${made.body.id}`);
    await inVain(reporting);
  });
});
