import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Account, Address, asSystem, Membership, Organization } from '#persistence';
import type { HttpClient } from '../support/http-client.ts';
import { service, type Cast } from '../support/cast.ts';
import { countQueries, type CountedQueries } from '../support/counted-queries.ts';
import { askFor, decide, setElevationStage, type ElevationStage } from '../support/elevation-stage.ts';
import { question } from '../support/questions.ts';
import { createWorld, type World } from '../support/world.ts';

/** What a request costs in round trips and statements. Figures that don't drift with the machine; clocks are elsewhere. */
let world: World;
let stage: ElevationStage;
let key: HttpClient;

beforeAll(async () => {
  // Nobody is told of decisions: what is counted is the request's own.
  world = await createWorld({ worker: false, temporalAddress: '127.0.0.1:1' });
  stage = await setElevationStage(world);
  key = await service(world, stage.customerId, ['full_administrator']);
  // Connections begin with a role of their own; they are there before anybody counts.
  for (let round = 0; round < 2; round += 1) {
    await evaluate(key, stage.admin);
    await decide(stage.agent, await askFor(stage), 'cancel');
  }
}, 120_000);

afterAll(() => world?.stop());

const evaluate = (http: HttpClient, about: Cast) =>
  http.post('/access/v1/evaluation', question(about.accountId, 'write', 'devices', stage.customerId));

const atMost = (counted: CountedQueries, roundTrips: number, statements: number) => {
  if (counted.roundTrips > roundTrips || counted.statements > statements)
    throw new Error(
      `${counted.roundTrips} round trips, ${counted.statements} statements:\n${counted.texts.map((text) => text.trim().replace(/\s+/g, ' ').slice(0, 150)).join('\n')}`,
    );
};

/** What differs between two statements only by what they are asked for. */
const withoutValues = (statement: string) =>
  statement
    .replace(/'[^']*'/g, '?')
    .replace(/ in \(\?(, \?)*\)/g, ' in (?)')
    .replace(/\s+/g, ' ');

describe('questions', () => {
  it('are one statement each: who calls, what they and the subject hold, and the clock', async () => {
    for (const http of [key, stage.admin.http])
      expect(await countQueries(() => evaluate(http, stage.admin))).toMatchObject({ roundTrips: 1, statements: 1 });
  });

  it('are one statement in a batch, however many', async () => {
    const { subject, resource } = question(stage.admin.accountId, 'write', 'devices', stage.customerId);
    const evaluations = [stage.agent, stage.secondAdmin, stage.partnersAdmin].flatMap(({ accountId }) =>
      ['read', 'write'].map((name) => ({ subject: { type: 'account', id: accountId }, action: { name } })),
    );
    const batch = () => key.post('/access/v1/evaluations', { subject, resource, evaluations });
    expect((await batch()).body.evaluations).toHaveLength(6);
    expect(await countQueries(batch)).toMatchObject({ roundTrips: 1, statements: 1 });
  });

  it('are one statement as a search for people and for actions', async () => {
    const { subject, action, resource } = question(stage.admin.accountId, 'write', 'devices', stage.customerId);
    for (const [kind, body] of [
      ['subject', { subject: { type: 'account' }, action, resource }],
      ['action', { subject, resource }],
      ['resource', { subject, action, resource }],
    ] as const) {
      const counted = await countQueries(() => key.post(`/access/v1/search/${kind}`, body));
      expect([kind, counted.roundTrips]).toEqual([kind, 1]);
    }
  });

  it('cost more once, when a grant is used for the first time', async () => {
    const id = await askFor(stage);
    await decide(stage.admin, id, 'approve');
    const first = await countQueries(() => evaluate(stage.agent.http, stage.agent));
    expect(first.roundTrips).toBeGreaterThan(1);
    expect(await countQueries(() => evaluate(stage.agent.http, stage.agent))).toMatchObject({ roundTrips: 1 });
    await decide(stage.agent, id, 'return');
  });

  it('about oneself are one statement: /v1/me and effective access', async () => {
    expect(await countQueries(() => stage.admin.http.get('/v1/me'))).toMatchObject({ roundTrips: 1 });
    const path = `/v1/organizations/${stage.customerId}/effective-access`;
    expect(await countQueries(() => stage.admin.http.get(path))).toMatchObject({ roundTrips: 1 });
  });
});

describe('an address', () => {
  it('costs the same to be invited or to be mailed a new password, whoever has it and whatever is said of it', async () => {
    const { customerId, partnerId, agent, partnersAdmin, admin, secondAdmin } = stage;
    const said = await world.database.transaction(asSystem, async (em) => {
      const given = (address: string, more: object) =>
        em.create(Address, { address, accountId: agent.accountId, kind: 'alias', ...more });
      given('squatted@people.example', { kind: 'primary', givenByOrganizationId: partnerId });
      given('alias@people.example', { givenByOrganizationId: partnerId, verifiedAt: new Date() });
      given('claimed-alias@people.example', { givenByOrganizationId: partnerId });
      await em.flush();
      // Of no password: an organization that lets in by single sign-on only.
      const other = em.create(Organization, { name: 'Only', slug: 'only-sso', kind: 'partner', loginMethods: ['sso'] });
      const account = em.create(Account, { displayName: 'Signs On', email: 'signs-on@people.example' });
      await em.flush();
      em.create(Membership, { organizationId: other.id, accountId: account.id, kind: 'home', workspaceRole: 'owner' });
      em.create(Address, { address: account.email, accountId: account.id, kind: 'primary', verifiedAt: new Date() });
      return {
        proven: (await em.findOneOrFail(Account, { id: partnersAdmin.accountId })).email,
        single: account.email,
      };
    });
    const addresses = [
      'nobodys@people.example',
      'squatted@people.example',
      'alias@people.example',
      'claimed-alias@people.example',
      said.proven,
      said.single,
    ];
    const reset = (email: string) => world.visitor.post('/v1/password-resets', { email });
    const invite = (email: string) =>
      admin.http.post(`/v1/organizations/${customerId}/invites`, { email, workspaceRole: 'read_only' });
    await reset(secondAdmin.email);
    await invite('first-of-all@people.example');
    for (const [ask, status] of [
      [reset, 202],
      [invite, 201],
    ] as const) {
      const costs = [];
      for (const email of addresses) {
        let answer: Awaited<ReturnType<typeof ask>> | undefined;
        const { texts } = await countQueries(async () => (answer = await ask(email)));
        costs.push([answer?.status, Object.keys(answer?.body ?? {}), texts.map(withoutValues)]);
      }
      expect(costs[0]).toEqual([status, expect.anything(), expect.anything()]);
      for (const cost of costs) expect(cost).toEqual(costs[0]);
    }
  });
});

describe('what is decided', () => {
  it('is asked, read, approved, denied, revoked, returned and cancelled in a few round trips', async () => {
    const countDecision = async (who: Cast, verb: string) =>
      atMost(await countQueries(() => decide(who, id, verb)), 8, 12);
    let id = '';
    atMost(await countQueries(async () => (id = await askFor(stage))), 7, 10);
    atMost(await countQueries(() => stage.admin.http.get(`/v1/elevations/${id}`)), 3, 6);
    await countDecision(stage.admin, 'approve');
    await countDecision(stage.admin, 'revoke');
    id = await askFor(stage);
    await countDecision(stage.admin, 'deny');
    id = await askFor(stage);
    await countDecision(stage.agent, 'cancel');
    id = await askFor(stage);
    await decide(stage.admin, id, 'approve');
    await countDecision(stage.agent, 'return');
  });
});
