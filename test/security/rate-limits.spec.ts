import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createApi } from '#api';
import { createActivities } from '#activities';
import { hashPassword, localAccounts } from '#identity';
import { findFreePort } from '#local-stack';
import { createMailSender } from '#mail';
import { asSystem, Credential, FailedAttempt, MailDelivery, RequestCount } from '#persistence';
import { organization, person, relationship, service, type Cast } from '../support/cast.ts';
import { decide, setElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { HttpClient, type Answer } from '../support/http-client.ts';
import { warnOfUnnamedProxies, watchForwarding } from '../../apps/api/rate-limit/untrusted-proxies.ts';
import { RequestCounters } from '../../apps/api/rate-limit/request-counters.ts';
import { createWorld, type World } from '../support/world.ts';

const perMinute = 20;

let world: World;
/** A second API over the same database, as behind a load balancer. */
let otherApi: NestExpressApplication;
let otherUrl: string;
let customerId: string;

beforeAll(async () => {
  world = await createWorld({
    worker: false,
    environment: { REQUESTS_PER_MINUTE: String(perMinute), ASKS_PER_HOUR: '3', MAILS_PER_HOUR: '4' },
  });
  const { config, database, decisions, temporal } = world;
  otherApi = await createApi({ config, database, decisions, temporal });
  const port = await findFreePort();
  await otherApi.listen(port, '127.0.0.1');
  otherUrl = `http://127.0.0.1:${port}`;
  customerId = await organization(world, 'customer', { name: 'Harbour' });
}, 120_000);

beforeEach(() => world.database.transaction(asSystem, (em) => em.nativeDelete(FailedAttempt, {})));

afterAll(async () => {
  await otherApi?.close();
  await world?.stop();
});

/** A network of its own for each test: the loopback interface has many addresses. */
let networks = 0;
const nextNetwork = () => `127.1.0.${(networks += 1)}`;

function expectTooMany(answer: Answer, atMostSeconds: number): void {
  expect(answer).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
  const wait = Number(answer.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(atMostSeconds);
}

/** As `HttpClient`, from an address of one's choice. */
async function from(
  network: string,
  method: string,
  path: string,
  body?: object,
  token?: string,
  base = world.baseUrl,
  more: Record<string, string> = {},
) {
  const isForm = body instanceof URLSearchParams;
  const payload = body && (isForm ? String(body) : JSON.stringify(body));
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(
      `${base}${path}`,
      {
        method,
        localAddress: network,
        agent: false,
        headers: {
          ...(payload && {
            'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
            'content-length': Buffer.byteLength(payload),
          }),
          ...(token && { authorization: `Bearer ${token}` }),
          ...more,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const headers = new Headers();
          for (const [name, value] of Object.entries(response.headers)) headers.set(name, String(value));
          resolve({ status: response.statusCode ?? 0, headers, body: text.startsWith('{') ? JSON.parse(text) : text });
        });
      },
    );
    sent.on('error', reject);
    sent.end(payload);
  });
}

async function times(count: number, ask: (turn: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let turn = 0; turn < count; turn += 1) answers.push(await ask(turn));
  return answers;
}

const statuses = (answers: Answer[]) => answers.map(({ status }) => status);
const of = <Status>(status: Status, count: number) => Array<Status>(count).fill(status);

describe('requests a minute', () => {
  let ada: Cast;
  let carl: Cast;

  beforeAll(async () => {
    ada = await person(world, 'Ada', [{ in: customerId, roles: ['full_administrator'] }]);
    carl = await person(world, 'Carl', [{ in: customerId, roles: ['full_administrator'] }]);
  });

  it('are counted per person: one who asks too often stops nobody else, and changing the address does not help', async () => {
    const mine = await times(perMinute + 2, () => ada.http.get('/v1/me'));
    expect(statuses(mine)).toEqual([...of(200, perMinute), 429, 429]);
    expectTooMany(mine.at(-1) as Answer, 60);
    expectTooMany(await from(nextNetwork(), 'GET', '/v1/me', undefined, ada.http.token ?? ''), 60);
    expect((await carl.http.get('/v1/me')).status).toBe(200);
    expect((await world.visitor.get('/openapi.json')).status).toBe(200);
  });

  it('are counted per service, whatever the people of its organization do', async () => {
    const busy = await service(world, customerId, ['full_administrator']);
    const quiet = await service(world, customerId, ['full_administrator']);
    const path = `/v1/organizations/${customerId}/groups`;
    expect(statuses(await times(perMinute + 1, () => busy.get(path)))).toEqual([...of(200, perMinute), 429]);
    expect((await quiet.get(path)).status).toBe(200);
    expect((await carl.http.get(path)).status).toBe(200);
  });

  it('are counted per network for whoever is not known, and a header that names another network changes nothing', async () => {
    const network = nextNetwork();
    const ask = () => from(network, 'GET', '/v1/me');
    expect(statuses(await times(perMinute, ask))).toEqual(of(401, perMinute));
    expectTooMany(await ask(), 60);
    const pretended = await times(2, (turn) =>
      world.visitor.request('GET', '/v1/role-matrix', undefined, { 'x-forwarded-for': `10.0.0.${turn}` }),
    );
    expect(statuses(pretended)).not.toContain(429);
    expect((await from(nextNetwork(), 'GET', '/v1/me')).status).toBe(401);
  });

  it('count for guessed tokens, too', async () => {
    const network = nextNetwork();
    const guesses = await times(perMinute + 2, () =>
      from(network, 'GET', '/v1/me', undefined, `cs_session_${randomBytes(32).toString('base64url')}`),
    );
    expect(statuses(guesses)).toEqual([...of(401, perMinute), 429, 429]);
    expectTooMany(guesses.at(-1) as Answer, 60);
    // The people of that network who are signed in go on.
    expect((await from(network, 'GET', '/v1/me', undefined, carl.http.token ?? '')).status).toBe(200);
  });

  it.each([
    ['an invite', '/v1/invites/accept', () => ({ token: `cs_invite_${guess(16)}_${guess(32)}` }), 404],
    [
      'a password reset',
      '/v1/password-resets/complete',
      () => ({ token: `cs_reset_${guess(32)}`, password: 'a quiet river' }),
      410,
    ],
    ['a single sign-on', '/v1/sessions/sso', () => ({ code: `cs_code_${guess(32)}`, codeVerifier: guess(32) }), 401],
  ])('bound the guesses at the token of %s', async (_what, path, body, refused) => {
    const network = nextNetwork();
    const guesses = await times(perMinute + 1, () => from(network, 'POST', path, body()));
    expect(statuses(guesses)).toEqual([...of(refused, perMinute), 429]);
    expectTooMany(guesses.at(-1) as Answer, 60);
  });

  it('leave health checks and metrics alone', async () => {
    const network = nextNetwork();
    expect(statuses(await times(perMinute + 5, () => from(network, 'GET', '/health/live')))).not.toContain(429);
  });

  it('are shared by all processes within a second', async () => {
    const network = nextNetwork();
    const there = () => from(network, 'GET', '/v1/me', undefined, undefined, otherUrl);
    expect(statuses(await times(perMinute - 5, () => from(network, 'GET', '/v1/me')))).toEqual(of(401, perMinute - 5));
    await sleep(1_500);
    // The first one there is told to the others, and what they say of it comes back.
    expect((await there()).status).toBe(401);
    await sleep(1_500);
    expect(statuses(await times(6, there))).toEqual([...of(401, 4), 429, 429]);
    // Here one more, which asks what the others know.
    expect((await from(network, 'GET', '/v1/me')).status).toBe(401);
    await sleep(1_500);
    expectTooMany(await from(network, 'GET', '/v1/me'), 60);
  }, 30_000);

  it('are written of busy callers only, and name nobody', async () => {
    const counters = new RequestCounters(world.database);
    const caller = `network:${nextNetwork()}`;
    const before = await rowsOfCounts();
    for (let turn = 0; turn < 29; turn += 1) await counters.increment(caller, 60_000, 3_000);
    await counters.tell();
    expect(await rowsOfCounts()).toHaveLength(before.length);
    await counters.increment(caller, 60_000, 3_000);
    await counters.tell();
    const rows = await rowsOfCounts();
    expect(rows).toHaveLength(before.length + 1);
    expect(rows.map(({ key }) => key).join()).not.toContain(caller);
  });

  it('are counted here while the database is away, and told when it is back', async () => {
    const transaction = world.database.transaction.bind(world.database);
    const caller = `network:${nextNetwork()}`;
    const [here, there] = [new RequestCounters(world.database), new RequestCounters(world.database)];
    const ask = async (counters: RequestCounters) => (await counters.increment(caller, 60_000, 10)).isBlocked;
    world.database.transaction = () => Promise.reject(new Error('Connection terminated'));
    try {
      for (let turn = 0; turn < 10; turn += 1) expect(await ask(here)).toBe(false);
      await here.tell();
      expect(await ask(here)).toBe(true);
    } finally {
      world.database.transaction = transaction;
    }
    await here.tell();
    expect(await ask(there)).toBe(false);
    await there.tell();
    expect(await ask(there)).toBe(true);
  });
});

async function rowsOfCounts(): Promise<RequestCount[]> {
  return world.database.transaction(asSystem, (em) => em.find(RequestCount, {}));
}

const guess = (bytes: number) => randomBytes(bytes).toString('base64url');

describe('tries over several processes that share the database', () => {
  const signIn = (base: string, network: string, email: string) =>
    from(network, 'POST', '/v1/sessions', { email, password: 'not the password' }, undefined, base);

  it('to sign in are counted together by name, from wherever they come', async () => {
    const answers = await times(12, (turn) =>
      signIn(turn % 2 === 0 ? world.baseUrl : otherUrl, nextNetwork(), 'victim@harbour.example'),
    );
    expect(statuses(answers)).toEqual([...of(401, 10), 429, 429]);
    expectTooMany(answers.at(-1) as Answer, 15 * 60);
    expect((await signIn(otherUrl, nextNetwork(), 'neighbour@harbour.example')).status).toBe(401);
  });

  it('to sign in are counted together by network, whatever the names', async () => {
    const attacker = nextNetwork();
    await world.database.transaction(asSystem, (em) => em.nativeDelete(FailedAttempt, {}));
    await signIn(world.baseUrl, attacker, 'name-0@guess.example');
    await world.database.transaction(asSystem, (em) =>
      em.execute("update failed_attempt set failures = 98 where key like 'sign-in:network:%'"),
    );
    const answers = await times(4, (turn) =>
      signIn(turn % 2 === 0 ? otherUrl : world.baseUrl, attacker, `name-${turn + 1}@guess.example`),
    );
    expect(statuses(answers)).toEqual([401, 401, 429, 429]);
    expectTooMany(answers.at(-1) as Answer, 15 * 60);
    expect((await signIn(otherUrl, nextNetwork(), 'name-9@guess.example')).status).toBe(401);
  });

  it('to get mails for a new password are counted together by address', async () => {
    const ask = (base: string, email: string) =>
      from(nextNetwork(), 'POST', '/v1/password-resets', { email }, undefined, base);
    const answers = await times(7, (turn) => ask(turn % 2 === 0 ? world.baseUrl : otherUrl, 'victim@harbour.example'));
    expect(statuses(answers)).toEqual([...of(202, 5), 429, 429]);
    expectTooMany(answers.at(-1) as Answer, 15 * 60);
    expect((await ask(otherUrl, 'neighbour@harbour.example')).status).toBe(202);
  });

  it('to sign in stop nobody who is signed in', async () => {
    const victim = await person(world, 'Victim', [{ in: customerId, roles: ['full_administrator'] }]);
    await times(11, () => signIn(world.baseUrl, nextNetwork(), victim.email));
    expectTooMany(await signIn(otherUrl, nextNetwork(), victim.email), 15 * 60);
    expect((await new HttpClient(otherUrl, victim.http.token).get('/v1/me')).status).toBe(200);
  });
});

/** A browser of its own that keeps its cookies, behind the network's proxy. */
function browserIn(network: string) {
  const cookies = new Map<string, string>();
  const send = async (method: string, path: string, body?: object) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await from(network, method, path, body, undefined, world.baseUrl, { accept: 'text/html', cookie });
    for (const one of (answer.headers.get('set-cookie') ?? '').split(/,(?=\s*[\w-]+=)/)) {
      const [, name, value] = /^\s*([\w-]+)=([^;]*)/.exec(one) ?? [];
      if (name && value !== undefined) cookies.set(name, value);
    }
    return answer;
  };
  return {
    cookies,
    async signIn(login: string, password: string): Promise<number> {
      cookies.delete('countersign');
      const { body } = await send('GET', '/sign-in');
      const token = /name="form_token" value="([^"]+)"/.exec(body)?.[1] ?? '';
      return (await send('POST', '/sign-in', new URLSearchParams({ login, password, form_token: token }))).status;
    },
  };
}

describe('wrong passwords behind one proxy', () => {
  const password = 'a quiet river in june';
  let members: Cast[];

  beforeAll(async () => {
    members = await Promise.all(
      ['Ines', 'Joao'].map((name) => person(world, name, [{ in: customerId, roles: ['full_administrator'] }])),
    );
    const passwordHash = await hashPassword(password);
    await world.database.transaction(asSystem, async (em) => {
      for (const { accountId, email } of members)
        em.create(Credential, { accountId, username: email, passwordHash, changedAt: new Date() });
      await em.flush();
    });
  });

  const exhaust = (kind: 'network' | 'name', failures: number) =>
    world.database.transaction(asSystem, (em) =>
      em.execute(`update failed_attempt set failures = ${failures} where key like 'sign-in:${kind}:%'`),
    );

  it('shut out whoever has not been here before, and nobody in the browser they use', async () => {
    const office = nextNetwork();
    const [ines, joao] = members as [Cast, Cast];
    const [known, fresh] = [browserIn(office), browserIn(office)];
    expect(await known.signIn(ines.email, password)).toBe(303);
    await from(office, 'POST', '/v1/sessions', { email: 'x@guess.example', password: 'wrong' });
    await exhaust('network', 100);
    expect(await fresh.signIn(joao.email, password)).toBe(429);
    expect(await known.signIn(ines.email, password)).toBe(303);
    // Nor does a stranger who guesses at her name.
    await from(nextNetwork(), 'POST', '/v1/sessions', { email: ines.email, password: 'wrong' });
    await exhaust('name', 10);
    expect(await browserIn(nextNetwork()).signIn(ines.email, password)).toBe(429);
    expect(await known.signIn(ines.email.toUpperCase(), password)).toBe(303);
  });

  it('are not forgiven for being in a known browser: it has ten tries, for its own name only', async () => {
    const [ines, joao] = members as [Cast, Cast];
    const network = nextNetwork();
    const browser = browserIn(network);
    expect(await browser.signIn(ines.email, password)).toBe(303);
    await from(network, 'POST', '/v1/sessions', { email: joao.email, password: 'wrong' });
    await exhaust('network', 100);
    // The cookie of one is none for the other, and none that was made up.
    expect(await browser.signIn(joao.email, password)).toBe(429);
    const forged = browserIn(network);
    forged.cookies.set('countersign-device', `${guess(16)}.${guess(32)}`);
    expect(await forged.signIn(ines.email, password)).toBe(429);
    await world.database.transaction(asSystem, async (em) => {
      await em.nativeDelete(FailedAttempt, {});
      // The requests of this browser's network are bounded, too; so nine of its tries are written down instead of made.
    });
    expect(await browser.signIn(ines.email, 'wrong')).toBe(401);
    await world.database.transaction(asSystem, (em) =>
      em.execute("update failed_attempt set failures = 9 where key like 'sign-in:device:%'"),
    );
    expect(await browser.signIn(ines.email, 'wrong')).toBe(401);
    expect(await browser.signIn(ines.email, password)).toBe(429);
  });
});

describe('starts of single sign-on', () => {
  it('are counted together by network, before any provider is asked', async () => {
    const network = nextNetwork();
    const start = async (base: string) => {
      const page = await from(network, 'GET', '/sign-in', undefined, undefined, base, { accept: 'text/html' });
      const token = /name="form_token" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
      const cookie = (page.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      const form = new URLSearchParams({ form_token: token });
      const headers = { accept: 'text/html', cookie };
      return (await from(network, 'POST', '/sso/nobody-here/start', form, undefined, base, headers)).status;
    };
    expect(await start(world.baseUrl)).toBe(404);
    await world.database.transaction(asSystem, (em) =>
      em.execute("update failed_attempt set failures = 299 where key like 'single-sign-on:network:%'"),
    );
    expect(await start(otherUrl)).toBe(404);
    expect(await start(world.baseUrl)).toBe(429);
    expect(await start(otherUrl)).toBe(429);
  });
});

describe('a proxy that nobody named', () => {
  it('is told of once, and an address outside is not written down', () => {
    const told: string[] = [];
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation((message: string) => void told.push(message));
    const watch = watchForwarding((address) => address === '10.0.0.1');
    const pass = jest.fn();
    const come = (remoteAddress: string, headers: Record<string, string>) =>
      watch({ headers, socket: { remoteAddress } } as never, {} as never, pass);
    come('10.0.0.1', { 'x-forwarded-for': '8.8.8.8' });
    come('10.0.0.2', {});
    expect(told).toEqual([]);
    for (let turn = 0; turn < 3; turn += 1) come('::ffff:10.0.0.2', { 'x-forwarded-for': '8.8.8.8' });
    come('8.8.4.4', { forwarded: 'for=9.9.9.9' });
    come('8.8.4.5', { 'x-forwarded-for': '9.9.9.9' });
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('from 10.0.0.2, which TRUSTED_PROXIES does not name');
    expect(told.join()).not.toMatch(/8\.8\.|9\.9\./);
    expect(pass).toHaveBeenCalledTimes(7);
    warnOfUnnamedProxies({ ...world.config, publicUrl: 'https://x.example', trustedProxies: [] });
    warnOfUnnamedProxies({ ...world.config, publicUrl: 'https://x.example', trustedProxies: ['10.0.0.1'] });
    expect(told).toHaveLength(3);
    expect(told[2]).toContain('TRUSTED_PROXIES names no proxy');
    warn.mockRestore();
  });
});

describe('what is asked of one organization', () => {
  it('bounds the mails to whoever decides: asking and withdrawing in turn is refused, at every process', async () => {
    const stage = await setElevationStage(world);
    const ask = (by: Cast, base = world.baseUrl) =>
      new HttpClient(base, by.http.token).post('/v1/elevations', { customerId: stage.customerId, reason: 'Phones' });
    for (const base of [world.baseUrl, otherUrl, world.baseUrl]) {
      const asked = await ask(stage.agent, base);
      expect(asked.status).toBe(201);
      await decide(stage.agent, asked.body.id, 'cancel');
    }
    for (const base of [otherUrl, world.baseUrl]) expectTooMany(await ask(stage.agent, base), 3600);
    // Nobody else is held up, neither a colleague nor another customer.
    const colleague = await person(world, 'Colleague', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
    expect((await ask(colleague)).status).toBe(201);
    const other = await organization(world, 'customer', { name: 'Lighthouse' });
    await relationship(world, stage.partnerId, other);
    await person(world, 'Admin', [{ in: other, roles: ['full_administrator'] }]);
    const elsewhere = await stage.agent.http.post('/v1/elevations', { customerId: other, reason: 'Phones' });
    expect(elsewhere.status).toBe(201);
    // An hour later the first of them counts no more.
    await world.database.transaction(asSystem, (em) =>
      em.execute("update elevation set created_at = created_at - interval '1 hour' where requester_id = ?", [
        stage.agent.accountId,
      ]),
    );
    expect((await ask(stage.agent)).status).toBe(201);
  });

  it.each([
    [
      'opened for reading',
      'help-desk-sessions',
      (id: string) => ({ customerId: id, reason: 'Calls drop' }),
      'return',
      'help_desk_basic',
    ],
    [
      'an external administrator',
      'external-administrator-requests',
      () => ({ customerDomain: 'nobody.example', reason: 'An order' }),
      'cancel',
      'partner_administrator',
    ],
  ] as const)('bounds what it is %s, too', async (_what, path, body, end, role) => {
    const { partnerId, customerId: asked } = await setElevationStage(world);
    const asker = await person(world, 'Asker', [{ in: partnerId, roles: [role] }]);
    const ask = () => asker.http.post(`/v1/${path}`, body(asked));
    for (let turn = 0; turn < 3; turn += 1) {
      const { status, body: answer } = await ask();
      expect(status).toBe(201);
      expect((await asker.http.post(`/v1/${path}/${answer.id}/${end}`)).status).toBe(200);
    }
    expectTooMany(await ask(), 3600);
  });

  it('bounds proposals about whomever, by one person', async () => {
    const stage = await setElevationStage(world);
    const paula = await person(world, 'Paula', [{ in: stage.partnerId, roles: ['partner_full_administrator'] }]);
    const propose = (turn: number) =>
      paula.http.post(`/v1/organizations/${stage.customerId}/change-requests`, {
        kind: 'appointment',
        email: `name-${turn}@harbour.example`,
        reason: 'Maria is on leave',
      });
    expect(statuses(await times(4, propose))).toEqual([201, 201, 201, 429]);
  });
});

describe('mails to one mailbox', () => {
  const victim = 'victim@elsewhere.example';
  const toVictim = () => world.mail.mails().filter(({ to }) => to.includes(victim)).length;
  const stateOfMails = () =>
    world.database.transaction(asSystem, async (em) => {
      const mails = await em.find(MailDelivery, { address: victim });
      return mails.map(({ status }) => status).sort();
    });

  it('about what others ask are so many an hour, whoever they are; the others wait', async () => {
    await world.startWorker();
    const invited: Answer[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const home = await organization(world, 'customer', { name: `Inviter ${turn}` });
      const owner = await person(world, 'Owner', [{ in: home, workspaceRole: 'owner' }]);
      invited.push(
        await owner.http.post(`/v1/organizations/${home}/invites`, { email: victim, workspaceRole: 'read_only' }),
      );
    }
    expect(statuses(invited)).toEqual(of(201, 6));
    await eventually(async () => expect(await stateOfMails()).toEqual([...of('planned', 2), ...of('sent', 4)]), 20_000);
    await sleep(3_000);
    expect(toVictim()).toBe(4);
    expect(await stateOfMails()).toEqual([...of('planned', 2), ...of('sent', 4)]);

    // The hour is over; Temporal would try again now.
    await world.database.transaction(asSystem, (em) =>
      em.execute("update failed_attempt set window_ends_at = clock_timestamp() where key like 'mail:%'"),
    );
    const { config, database, decisions } = world;
    const mailSender = createMailSender({ smtpUrl: config.smtpUrl, requireTls: false, from: config.mailFrom });
    const { deliverMail } = createActivities({
      database,
      decisions,
      mailSender,
      publicUrl: config.publicUrl,
      mailDomain: 'test',
      mailsPerHour: 1,
      inviteKeys: [Buffer.alloc(32)],
      resetKeys: [Buffer.alloc(32)],
      directory: localAccounts(database),
    });
    const deliver = (deliveryId: string) => new MockActivityEnvironment().run(deliverMail, { deliveryId });
    const waiting = await world.database.transaction(asSystem, (em) =>
      em.find(MailDelivery, { address: victim, status: 'planned' }),
    );
    const [first = '', second = ''] = waiting.map(({ id }) => id);
    // A server that refuses has delivered nothing: the place is free for the next try.
    world.mail.failNext(1, 'reject-4xx', victim);
    await expect(deliver(first)).rejects.toThrow();
    await deliver(first);
    expect(toVictim()).toBe(5);
    await expect(deliver(second)).rejects.toMatchObject({ type: 'mailbox_has_enough' });
    mailSender.close();
  }, 60_000);
});
