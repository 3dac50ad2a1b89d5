import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, databaseNow } from '#persistence';
import { isThorough } from '../support/fault-trials.ts';
import { Browser } from '../support/browser.ts';
import { organization, person } from '../support/cast.ts';
import { setElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import type { Answer } from '../support/http-client.ts';
import { callbackOf, startIdentityProvider, type TestIdentityProvider } from '../support/identity-provider.ts';
import { acceptInvite, createPartner, inviteTokenFor, mayWrite } from '../support/people.ts';
import { startProcessService, type ProcessService } from '../support/process-service.ts';

/** Seconds by which a clock is wrong: more than tokens, links and sessions are forgiven anywhere. */
const off = 300;
/** Times are compared in steps that noise doesn't cross and a wrong clock does. */
const stepSeconds = 60;

let service: ProcessService;
let provider: TestIdentityProvider | undefined;

beforeAll(async () => {
  service = await startProcessService();
}, 180_000);

afterAll(async () => {
  await provider?.stop();
  await service?.stop();
}, 60_000);

const now = (): Promise<Date> => service.database.transaction(asSystem, databaseNow);

/** How far the moment lies from the database's present, in steps. */
const fromNow = async (iso: string): Promise<number> =>
  Math.round((Date.parse(iso) - (await now()).getTime()) / 1000 / stepSeconds);

const inSeconds = async (seconds: number): Promise<string> =>
  new Date((await now()).getTime() + seconds * 1000).toISOString();

const brief = ({ status, body }: Answer): unknown => (status < 400 ? status : [status, body.code]);

/** An elevation from the request to the end of its grant, and one that nobody decides in time. */
async function elevation(): Promise<unknown[]> {
  const stage = await setElevationStage(service, { elevationPendingSeconds: 3 });
  const { agent, admin, customerId } = stage;
  const ask = (key: string) =>
    agent.http.post(
      '/v1/elevations',
      { customerId, reason: 'Phones do not register', durationSeconds: 2 },
      { 'idempotency-key': key },
    );
  const key = randomUUID();
  const asked = await ask(key);
  const path = `/v1/elevations/${asked.body.id}`;
  const again = await ask(key);
  const approved = await admin.http.post(`${path}/approve`, {});
  const may = await mayWrite(agent, customerId);
  const evaluated = await agent.http.get(path);
  const ended = await agent.http.get(`${path}?wait=10`);
  const story = [
    brief(asked),
    again.body.id === asked.body.id,
    await fromNow(asked.body.decideBy),
    brief(approved),
    await fromNow(approved.body.grant.expiresAt),
    may,
    evaluated.body.grant.status,
    ended.body.grant.status,
    await mayWrite(agent, customerId),
  ];
  const second = await ask(randomUUID());
  const pending = `/v1/elevations/${second.body.id}`;
  const expired = await agent.http.get(`${pending}?wait=10`);
  const late = await admin.http.post(`${pending}/approve`, {});
  await eventually(() => expect(service.mail.mails().some(({ text }) => text.includes(second.body.id))).toBe(true));
  return [...story, brief(second), expired.body.status, brief(late)];
}

/** Invites by mailed link: accepted, and run out. */
async function invites(): Promise<unknown[]> {
  const partner = await createPartner(service);
  const path = `/v1/organizations/${partner.id}/invites`;
  const invite = async (email: string): Promise<Answer> =>
    partner.first.http.post(path, { email, workspaceRole: 'read_only' });
  const welcome = `in-time-${randomUUID()}@people.example`;
  const sent = await invite(welcome);
  const joined = await acceptInvite(service, welcome, 'In Time', partner.id);
  const session = await service.visitor.post('/v1/sessions', { email: welcome, password: joined.password });
  const changed = await partner.first.http.patch(`/v1/organizations/${partner.id}`, {
    policy: { invitePendingSeconds: 2 },
  });
  const late = `late-${randomUUID()}@people.example`;
  const short = await invite(late);
  const token = await inviteTokenFor(service, late);
  await eventually(async () =>
    expect((await partner.first.http.get(`${path}/${short.body.id}`)).body.status).toBe('expired'),
  );
  const tooLate = await service.visitor.post('/v1/invites/accept', {
    token,
    username: 'late',
    password: 'a quiet river',
  });
  return [
    brief(sent),
    await fromNow(sent.body.expiresAt),
    await fromNow(session.body.expiresAt),
    brief(await joined.http.get('/v1/me')),
    brief(changed),
    brief(tooLate),
  ];
}

/** An external administrator until a date. */
async function externalAdministrator(): Promise<unknown[]> {
  const customerId = await organization(service, 'customer');
  const partnerId = await organization(service, 'partner');
  const admin = await person(service, 'Admin', [{ in: customerId, roles: ['full_administrator'] }]);
  const outsider = await person(service, 'Outsider', [{ in: partnerId, roles: ['partner_full_administrator'] }]);
  const asked = await outsider.http.post('/v1/external-administrator-requests', { customerId, reason: 'Order 4711' });
  const approve = (until: string) =>
    admin.http.post(`/v1/external-administrator-requests/${asked.body.id}/approve`, {
      email: outsider.email,
      role: 'full_administrator',
      until,
    });
  const past = await approve(await inSeconds(-60));
  const approved = await approve(await inSeconds(5));
  const may = await mayWrite(outsider, customerId);
  await eventually(async () => expect(await mayWrite(outsider, customerId)).toBe(false));
  return [brief(asked), brief(past), brief(approved), may];
}

/** Single sign-on with an identity provider whose tokens live a minute. */
async function singleSignOn(): Promise<unknown[]> {
  const slug = `acme-${randomUUID().slice(0, 8)}`;
  await provider?.stop();
  provider = await startIdentityProvider(callbackOf(service, slug));
  const email = `ada@${slug}.example`;
  const created = await service.support.post('/v1/organizations', {
    kind: 'customer',
    name: 'Acme',
    slug,
    loginMethods: ['sso'],
    sso: provider.sso,
    firstAdministrator: { email, displayName: 'Ada' },
  });
  provider.signsIn({ subject: email, email, emailVerified: true, name: 'Ada Lovelace' });
  const codeVerifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const back = await new Browser().press(`${service.baseUrl}/sso/${slug}/start?codeChallenge=${challenge}`);
  const { code } = back.body as { code?: string };
  const session = await service.visitor.post('/v1/sessions/sso', { code, codeVerifier });
  return [
    brief(created),
    back.status,
    brief(session),
    session.body.expiresAt && (await fromNow(session.body.expiresAt)),
  ];
}

async function everything(): Promise<Record<string, unknown[]>> {
  return {
    elevation: await elevation(),
    invites: await invites(),
    externalAdministrator: await externalAdministrator(),
    singleSignOn: await singleSignOn(),
  };
}

describe('with clocks that are five minutes wrong', () => {
  it('API and worker give the answers they give with the right time', async () => {
    const withTheRightTime = await everything();
    expect(withTheRightTime['elevation']).toContain('expired');
    const wrongs = [
      { api: off, worker: -off },
      { api: -off, worker: off },
      ...(isThorough
        ? [
            { api: off, worker: off },
            { api: -off, worker: -off },
            { api: off, worker: 0 },
          ]
        : []),
    ];
    for (const wrong of wrongs) {
      await service.setClocksOff(wrong);
      expect({ wrong, ...(await everything()) }).toEqual({ wrong, ...withTheRightTime });
    }
    const answers = Object.values(withTheRightTime).flat().length;
    process.stderr.write(`clocks: ${wrongs.length} pairs of wrong clocks, the same ${answers} answers each
`);
  }, 240_000);
});
