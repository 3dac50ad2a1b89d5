import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateSync } from 'otplib';
import { asSystem, AuthenticatorApp, FailedAttempt, Session } from '#persistence';
import { HttpClient } from '../support/http-client.ts';
import { addMember, createCustomer, createPartner, signIn, testPassword } from '../support/people.ts';
import type { OrganizationWithFirst, Person } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let customer: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  customer = await createCustomer(world, await createPartner(world));
}, 120_000);

beforeEach(() => world.database.transaction(asSystem, (em) => em.nativeDelete(FailedAttempt, {})));

afterAll(() => world?.stop());

const login = ({ email }: Person) => world.visitor.post('/v1/sessions', { email, password: testPassword });
const finish = (step: string, proof: object) => world.visitor.post('/v1/sessions/second-factor', { step, ...proof });

/** The digits of now; each half minute's work once, so a test that needs others forgets the last. */
async function digitsOf(person: Person, secret: string): Promise<string> {
  await world.database.transaction(asSystem, (em) =>
    em.nativeUpdate(AuthenticatorApp, { accountId: person.accountId }, { lastTimeStep: null }),
  );
  return generateSync({ secret });
}

/** A person with an authenticator app; their first session has just proven the password. */
async function withApp(): Promise<{ person: Person; secret: string; recoveryCodes: string[] }> {
  const person = await addMember(world, customer);
  const begun = await person.http.post('/v1/me/authenticator-app');
  expect(begun).toMatchObject({ status: 200, body: { uri: expect.stringContaining('otpauth://totp/Countersign') } });
  const { secret } = begun.body;
  // Until its digits were shown it asks nobody for anything.
  expect((await login(person)).status).toBe(201);
  const confirmed = await person.http.post('/v1/me/authenticator-app/confirm', { code: generateSync({ secret }) });
  expect(confirmed.status).toBe(200);
  return { person, secret, recoveryCodes: confirmed.body.recoveryCodes };
}

describe('an authenticator app', () => {
  it('is asked for after the password, and each of its digits works once', async () => {
    const { person, secret } = await withApp();
    const half = await login(person);
    expect(half).toMatchObject({
      status: 401,
      body: { code: 'second_factor_required', secondFactors: ['authenticator_app', 'recovery_code'] },
    });
    const { step } = half.body;
    const code = await digitsOf(person, secret);
    const whole = await finish(step, { code });
    expect(whole).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^cs_session_/) } });
    const session = await new HttpClient(world.baseUrl, whole.body.token).get('/v1/sessions/current');
    expect(session.body).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], secondFactorAt: expect.any(String) });
    // Neither the step nor the digits are good for another.
    expect((await finish(step, { code })).body.code).toBe('sign_in_step_lost');
    expect((await finish((await login(person)).body.step, { code })).body.code).toBe('second_factor_wrong');
  });

  it('is guessed five times and no more, however many try at once, and the trail tells', async () => {
    const { person } = await withApp();
    const { step } = (await login(person)).body;
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, index) => finish(step, { code: String(100_000 + index) })),
    );
    const statuses = guesses.map(({ status }) => status).toSorted((left, right) => left - right);
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(7).fill(429)]);
    const { body } = await customer.first.http.get(
      `/v1/organizations/${customer.id}/audit-events?action=session.opened&outcome=refused&limit=50`,
    );
    const told = body.items.filter(({ facts }: { facts: { code: string } }) => facts.code === 'second_factor_wrong');
    expect(told.length).toBeGreaterThanOrEqual(5);
  });

  it('is not asked of a half-way sign-in of somebody else', async () => {
    const [one, other] = [await withApp(), await withApp()];
    const { step } = (await login(one.person)).body;
    const code = await digitsOf(other.person, other.secret);
    expect((await finish(step, { code })).body.code).toBe('second_factor_wrong');
    const unknown = await finish('cs_step_made_up', { code });
    expect(unknown).toMatchObject({ status: 401, body: { code: 'sign_in_step_lost' } });
  });
});

describe('recovery codes', () => {
  it('stand in for a lost phone, each once, as they were written down', async () => {
    const { person, recoveryCodes } = await withApp();
    expect(new Set(recoveryCodes).size).toBe(10);
    const [first = ''] = recoveryCodes;
    const recoveryCode = ` ${first.toUpperCase().replaceAll('-', ' ')}`;
    expect((await finish((await login(person)).body.step, { recoveryCode })).status).toBe(201);
    const again = await finish((await login(person)).body.step, { recoveryCode: first });
    expect(again).toMatchObject({ status: 401, body: { code: 'second_factor_wrong' } });
    expect((await person.http.get('/v1/me/sign-in-methods')).body).toMatchObject({
      recoveryCodesLeft: 9,
      passkeys: [],
    });
  });
});

describe('one’s own ways of signing in', () => {
  it('change only after a fresh proof: by password first, then by what is enrolled', async () => {
    const person = await addMember(world, customer);
    const stale = (seconds: number) => ({ authenticatedAt: new Date(Date.now() - seconds * 1000) });
    const setProof = (proof: object) =>
      world.database.transaction(asSystem, (em) => em.nativeUpdate(Session, { accountId: person.accountId }, proof));
    await setProof(stale(11 * 60));
    const refused = await person.http.post('/v1/me/authenticator-app');
    expect(refused).toMatchObject({ status: 403, body: { code: 'step_up_required', needed: 'recent' } });
    const wrong = await person.http.post('/v1/sessions/current/proof', { password: 'not it at all' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } });
    expect((await person.http.post('/v1/sessions/current/proof', { password: testPassword })).status).toBe(200);
    const begun = await person.http.post('/v1/me/authenticator-app');
    expect(begun.status).toBe(200);
    const { secret } = begun.body;
    expect(
      (await person.http.post('/v1/me/authenticator-app/confirm', { code: generateSync({ secret }) })).status,
    ).toBe(200);

    // From now on the password alone takes nothing away.
    expect(await person.http.delete('/v1/me/authenticator-app')).toMatchObject({
      status: 403,
      body: { code: 'step_up_required', needed: 'second_factor', at: '/v1/sessions/current/proof' },
    });
    const code = await digitsOf(person, secret);
    expect((await person.http.post('/v1/sessions/current/proof', { code })).status).toBe(200);
    expect((await person.http.delete('/v1/me/authenticator-app')).status).toBe(204);
    expect((await login(person)).status).toBe(201);
  });

  it('are not added by a single sign-on: it would open the person’s other organizations', async () => {
    const person = await addMember(world, customer);
    const http = await signIn(world, person.email);
    await world.database.transaction(asSystem, (em) =>
      em.nativeUpdate(Session, { accountId: person.accountId }, { method: 'sso', organizationId: customer.id }),
    );
    for (const path of ['/v1/me/authenticator-app', '/v1/me/passkeys/challenge', '/v1/me/recovery-codes'])
      expect(await http.post(path)).toMatchObject({ status: 403, body: { code: 'own_factors_by_single_sign_on' } });
    const proof = await http.post('/v1/sessions/current/proof', { password: testPassword });
    expect(proof).toMatchObject({ status: 403, body: { code: 'own_factors_by_single_sign_on' } });
  });
});
