import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seal } from '#identity';
import {
  asSystem,
  Elevation,
  Grant,
  Membership,
  Organization,
  OrganizationRecoveryCode,
  SupportAction,
} from '#persistence';
import { organization, person, relationship, type Cast } from '../support/cast.ts';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import { HttpClient } from '../support/http-client.ts';
import { createCustomer, createPartner, signIn } from '../support/people.ts';
import { supportTeam, type SupportTeam } from '../support/support-team.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let team: SupportTeam;

beforeAll(async () => {
  world = await createWorld();
  team = await supportTeam(world);
}, 120_000);
afterAll(() => world?.stop());

const path = '/v1/support-actions';
const newPassword = 'three grey herons at dawn';
const inDatabase = <T>(work: Parameters<typeof world.database.transaction<T>>[1]) =>
  world.database.transaction(asSystem, work);

/** As an organization ends up whose provider has died: single sign-on alone, and nobody there to ask. */
const withDeadProvider = (id: string) =>
  inDatabase((em) =>
    em.nativeUpdate(
      Organization,
      { id },
      {
        loginMethods: ['sso'],
        sso: {
          issuer: 'https://dead.example',
          clientId: 'countersign',
          sealedClientSecret: seal([Buffer.alloc(32)], 'forgotten'),
          activationUrl: null,
          emailVerified: 'required',
        },
      },
    ),
  );

const recover = (organizationId: string, removeProvider = true) =>
  ({ kind: 'organization.recover-sign-in', organizationId, removeProvider }) as const;

/** Sets a password by the link of the mail that went to the address. */
async function setPasswordByMail(email: string): Promise<HttpClient> {
  const mail = await world.mail.waitForMail({ to: email, kind: 'password.reset' }, 15_000);
  const token = /cs_reset_[\w-]+/.exec(mail.text)?.[0];
  const set = await world.visitor.post('/v1/password-resets/complete', { token, password: newPassword });
  expect(set.status).toBe(204);
  return signIn(world, email, newPassword);
}

describe('an organization whose provider is dead', () => {
  it('comes in again by password once two people of support have said so', async () => {
    const acme = await createCustomer(world, await createPartner(world), 'Acme');
    await withDeadProvider(acme.id);
    const shutOut = await world.visitor.post('/v1/sessions', {
      email: acme.first.email,
      password: acme.first.password,
    });
    expect(shutOut.body.code).toBe('login_method_not_allowed');

    const done = await team.together(recover(acme.id), 'Ada rang; the provider is gone');
    expect(done).toMatchObject({ status: 200, body: { status: 'confirmed' } });
    const told = await world.mail.waitForMail({ to: acme.first.email, kind: 'support-action.proposed' }, 15_000);
    expect(told.text).toContain('let people sign in by password again');
    await world.mail.waitForMail({ to: acme.first.email, kind: 'organization.authentication-changed' }, 15_000);

    await world.visitor.post('/v1/password-resets', { email: acme.first.email });
    const ada = await setPasswordByMail(acme.first.email);
    expect((await ada.get(`/v1/organizations/${acme.id}`)).body).toMatchObject({
      loginMethods: ['password'],
      sso: null,
    });
    const trail = await ada.get(`/v1/organizations/${acme.id}/audit-events?action=organization.changed`);
    expect(trail.body.items).toMatchObject([{ actor: { id: team.second.accountId } }]);
  }, 60_000);

  it('keeps its provider where only passwords were missing', async () => {
    const acme = await organization(world, 'customer');
    await withDeadProvider(acme);
    expect((await team.together(recover(acme, false))).status).toBe(200);
    const row = await inDatabase((em) => em.findOneOrFail(Organization, { id: acme }));
    expect(row.loginMethods).toEqual(['sso', 'password']);
    expect(row.sso?.issuer).toBe('https://dead.example');
  });

  it('is recovered by one person alone only after the Owners had a day to object', async () => {
    const acme = await organization(world, 'customer');
    await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner' }]);
    const proposed = await team.first.http.post(path, { act: recover(acme), reason: 'Nobody else is at work' });
    const confirm = () => team.first.http.post(`${path}/${proposed.body.id}/confirm`);
    expect(await confirm()).toMatchObject({ status: 403, body: { code: 'second_person_required' } });
    const hoursAgo = (hours: number) =>
      inDatabase((em) =>
        em.nativeUpdate(
          SupportAction,
          { id: proposed.body.id },
          { createdAt: new Date(Date.now() - hours * 3600_000) },
        ),
      );
    await hoursAgo(23.9);
    expect((await confirm()).status).toBe(403);
    await hoursAgo(24.1);
    expect(await confirm()).toMatchObject({ status: 200, body: { status: 'confirmed' } });
  });

  it('is not recovered where an Owner objects', async () => {
    const acme = await organization(world, 'customer');
    const olga = await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner' }]);
    const rita = await person(world, 'Rita', [{ in: acme, workspaceRole: 'read_only' }]);
    const proposed = await team.first.http.post(path, { act: recover(acme), reason: 'A call from somebody' });
    const cancel = (by: Cast) => by.http.post(`${path}/${proposed.body.id}/cancel`);
    expect(await cancel(rita)).toMatchObject({ status: 403, body: { code: 'support_only' } });
    expect(await cancel(olga)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    const confirmed = await team.second.http.post(`${path}/${proposed.body.id}/confirm`);
    expect(confirmed).toMatchObject({ status: 409, body: { code: 'request_not_pending' } });
  });

  it('is nothing a day makes of other acts: those need two people, always', async () => {
    const [acme, partner] = [await organization(world, 'customer'), await organization(world, 'partner')];
    const act = { kind: 'relationship.create', organizationId: acme, partnerId: partner };
    const proposed = await team.first.http.post(path, { act, reason: 'Contract' });
    const createdAt = new Date(Date.now() - 48 * 3600_000);
    const decideBy = new Date(Date.now() + 3600_000);
    await inDatabase((em) => em.nativeUpdate(SupportAction, { id: proposed.body.id }, { createdAt, decideBy }));
    const confirmed = await team.first.http.post(`${path}/${proposed.body.id}/confirm`);
    expect(confirmed).toMatchObject({ status: 403, body: { code: 'second_person_required' } });
  });
});

describe('the recovery codes of an organization', () => {
  const codesOf = (id: string) => `/v1/organizations/${id}/recovery-codes`;
  const use = (organizationSlug: string, recoveryCode: string) =>
    world.visitor.post('/v1/organization-recoveries', { organizationSlug, recoveryCode });
  const slugOf = async (id: string) => (await inDatabase((em) => em.findOneOrFail(Organization, { id }))).slug;

  it('let people in by password again where the provider is dead, each once, and everybody who could decide is told', async () => {
    const acme = await organization(world, 'customer');
    const olga = await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner' }]);
    const rita = await person(world, 'Rita', [{ in: acme, roles: ['full_administrator'] }]);
    expect((await olga.http.get(codesOf(acme))).body).toEqual({ recoveryCodesLeft: 0 });
    const made = await olga.http.post(codesOf(acme));
    expect(made.status).toBe(200);
    const [code, second] = made.body.recoveryCodes as [string, string];
    expect(new Set(made.body.recoveryCodes).size).toBe(10);
    const rows = await inDatabase((em) => em.find(OrganizationRecoveryCode, { organizationId: acme }));
    expect(JSON.stringify(rows)).not.toContain(code);
    await withDeadProvider(acme);
    const slug = await slugOf(acme);

    expect((await use(slug, code.toUpperCase().replaceAll('-', ' '))).status).toBe(204);
    for (const { email } of [olga, rita]) {
      const told = await world.mail.waitForMail({ to: email, kind: 'organization.authentication-changed' }, 15_000);
      expect(told.text).toContain('Somebody with a recovery code');
    }
    // Only the provider has ever let Olga in: the mail to her address is her first way to a password.
    const http = await setPasswordByMail(olga.email);
    expect((await http.get(`/v1/organizations/${acme}`)).body.loginMethods).toEqual(['sso', 'password']);
    expect((await http.get(codesOf(acme))).body).toEqual({ recoveryCodesLeft: 9 });
    const trail = await http.get(`/v1/organizations/${acme}/audit-events?limit=200`);
    const told = trail.body.items.filter(({ action }: { action: string }) => action.startsWith('organization.'));
    expect(told).toMatchObject([
      { action: 'organization.changed', actor: { by: 'recovery_code' } },
      { action: 'organization.recovery-code-used', outcome: 'success', facts: { codesLeft: 9 } },
      { action: 'organization.recovery-codes-made', actor: { id: olga.accountId } },
    ]);
    expect(JSON.stringify(trail.body)).not.toContain(code);

    expect(await use(slug, code)).toMatchObject({ status: 401, body: { code: 'recovery_code_wrong' } });
    expect((await http.get(`/v1/organizations/${acme}/audit-events`)).body.items[0]).toMatchObject({
      action: 'organization.recovery-code-used',
      outcome: 'refused',
    });
    expect((await http.post(codesOf(acme))).status).toBe(200);
    expect((await use(slug, second)).status).toBe(401);
  }, 60_000);

  it('are made by home Owners in a session, and by nobody with less', async () => {
    const [partner, acme] = [await organization(world, 'partner'), await organization(world, 'customer')];
    await relationship(world, partner, acme);
    const olga = await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner', roles: ['full_administrator'] }]);
    const rita = await person(world, 'Rita', [{ in: acme, roles: ['full_administrator'] }]);
    const paul = await person(world, 'Paul', [{ in: partner, roles: ['partner_full_administrator'] }]);
    const eve = await person(world, 'Eve', [{ in: await organization(world, 'customer'), workspaceRole: 'owner' }]);
    for (const [who, status] of [
      [rita, 403],
      [paul, 403],
      [eve, 404],
    ] as const) {
      expect((await who.http.post(codesOf(acme))).status).toBe(status);
      expect((await who.http.get(codesOf(acme))).status).toBe(status);
    }
    const strict = { policy: { approvalAssurance: 'second_factor' } };
    expect((await olga.http.patch(`/v1/organizations/${acme}`, strict)).status).toBe(200);
    expect(await olga.http.post(codesOf(acme))).toMatchObject({ status: 403, body: { code: 'step_up_required' } });
  });

  it('open one organization alone, once for two at the same moment, and answer alike for one that is not there', async () => {
    const [acme, globex] = [await organization(world, 'customer'), await organization(world, 'customer')];
    const olga = await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner' }]);
    const { recoveryCodes } = (await olga.http.post(codesOf(acme))).body;
    await withDeadProvider(globex);
    const elsewhere = await use(await slugOf(globex), recoveryCodes[0]);
    const nowhere = await use('there-is-none', recoveryCodes[0]);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([401, 'recovery_code_wrong']);
    expect([nowhere.status, nowhere.body.code]).toEqual([401, 'recovery_code_wrong']);
    const slug = await slugOf(acme);
    const both = await Promise.all([use(slug, recoveryCodes[0]), use(slug, recoveryCodes[0])]);
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([204, 401]));
    const row = await inDatabase((em) => em.findOneOrFail(Organization, { id: globex }));
    expect(row.loginMethods).toEqual(['sso']);
  });

  it('are made and used on pages', async () => {
    const acme = await organization(world, 'customer');
    const olga = await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner' }]);
    const visitor = new ConsoleVisitor(olga.http);
    const form = `/organizations/${acme}/recovery-codes`;
    const shown = await visitor.send(form, form, {});
    const [recoveryCode = ''] = /\b(?:[a-z2-9]{4}-){3}[a-z2-9]{4}\b/.exec(shown.html) ?? [];
    await withDeadProvider(acme);
    const organizationSlug = await slugOf(acme);
    const send = (typed: string) =>
      visitor.send('/recover-organization', '/recover-organization', { organizationSlug, recoveryCode: typed });
    const wrong = await send('abcd');
    expect([wrong.status, wrong.html.includes('This recovery code is wrong')]).toEqual([401, true]);
    expect((await send(recoveryCode)).location).toBe('/sign-in?notice=recovered');
    const row = await inDatabase((em) => em.findOneOrFail(Organization, { id: acme }));
    expect(row.loginMethods).toEqual(['sso', 'password']);
  });
});

describe('a sole Owner who has lost the mailbox', () => {
  const change = (organizationId: string, memberId: string, email: string) =>
    ({ kind: 'membership.change-address', organizationId, memberId, email }) as const;

  it('gets a link at the new one; what the former one could do is over', async () => {
    const acme = await createCustomer(world, await createPartner(world), 'Acme');
    const { first } = acme;
    await world.visitor.post('/v1/password-resets', { email: first.email });
    const stale = await world.mail.waitForMail({ to: first.email, kind: 'password.reset' }, 15_000);
    const email = `ada-${randomUUID()}@new.example`;
    expect(await team.together(change(acme.id, first.memberId, email))).toMatchObject({ status: 200 });

    expect((await first.http.get('/v1/me')).status).toBe(401);
    const token = /cs_reset_[\w-]+/.exec(stale.text)?.[0];
    const late = await world.visitor.post('/v1/password-resets/complete', { token, password: newPassword });
    expect([late.status, late.body.code]).toEqual([410, 'reset_link_invalid']);
    // Until the mail is answered the new address is support's word, and signs nobody in.
    expect((await world.visitor.post('/v1/sessions', { email, password: first.password })).status).toBe(401);
    await world.mail.waitForMail({ to: first.email, kind: 'account.address-changed' }, 15_000);

    const ada = await setPasswordByMail(email);
    expect((await ada.get('/v1/me')).body.account).toMatchObject({ id: first.accountId, email });
    const events = (await ada.get(`/v1/organizations/${acme.id}/audit-events?limit=200`)).body.items as {
      action: string;
      facts: unknown;
    }[];
    expect(events.map(({ action }) => action)).toContain('account.address-changed');
    // Facts outlive an erasure; an address does not belong there.
    expect(JSON.stringify(events.map(({ facts }) => facts))).not.toContain('new.example');
  }, 60_000);

  it('is not mended by support where another Owner can', async () => {
    const acme = await organization(world, 'customer');
    const olga = await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner' }]);
    await person(world, 'Otto', [{ in: acme, workspaceRole: 'owner' }]);
    const done = await team.together(change(acme, olga.memberIds[acme] ?? '', 'olga@new.example'));
    expect(done).toMatchObject({ status: 409, body: { code: 'not_sole_owner' } });
  });

  it('is not given the address of somebody who has proven it, nor is anybody but an Owner', async () => {
    const acme = await organization(world, 'customer');
    const olga = await person(world, 'Olga', [{ in: acme, workspaceRole: 'owner' }]);
    const rita = await person(world, 'Rita', [{ in: acme, roles: ['full_administrator'] }]);
    const taken = await team.together(change(acme, olga.memberIds[acme] ?? '', rita.email));
    expect(taken).toMatchObject({ status: 409, body: { code: 'address_taken' } });
    const other = await team.together(change(acme, rita.memberIds[acme] ?? '', 'rita@new.example'));
    expect(other).toMatchObject({ status: 404 });
  });
});

describe('sign-in settings that change during a live grant', () => {
  it('leave everybody who could the way to revoke and deny, and nothing else', async () => {
    const [partner, customer] = [await organization(world, 'partner'), await organization(world, 'customer')];
    await relationship(world, partner, customer);
    const agent = await person(world, 'Grace', [{ in: partner, roles: ['help_desk_advanced'] }]);
    const ada = await person(world, 'Ada', [{ in: customer, roles: ['full_administrator'] }]);
    const ask = async () => {
      const asked = await agent.http.post('/v1/elevations', { customerId: customer, reason: 'A ticket' });
      expect(asked.status).toBe(201);
      return asked.body.id as string;
    };
    const granted = await ask();
    expect((await ada.http.post(`/v1/elevations/${granted}/approve`)).status).toBe(200);
    const pending = await ask();
    await withDeadProvider(customer);

    for (const read of [`/v1/elevations/${granted}`, `/v1/elevations/${pending}`])
      expect((await ada.http.get(read)).status).toBe(404);
    expect((await ada.http.post(`/v1/elevations/${pending}/approve`)).status).toBe(404);
    expect(await ada.http.post(`/v1/elevations/${granted}/revoke`)).toMatchObject({
      status: 200,
      body: { grant: { status: 'revoked' } },
    });
    expect(await ada.http.post(`/v1/elevations/${pending}/deny`)).toMatchObject({
      status: 200,
      body: { status: 'denied' },
    });
  });

  it('leave it on pages, too: what waits and who has access is shown, and nothing else', async () => {
    const [partner, customer] = [await organization(world, 'partner'), await organization(world, 'customer')];
    await relationship(world, partner, customer);
    const [grace, gert] = await Promise.all(
      ['Grace Hopper', 'Gert Frobe'].map((name) =>
        person(world, name, [{ in: partner, roles: ['help_desk_advanced'] }]),
      ),
    );
    const ada = await person(world, 'Ada', [{ in: customer, roles: ['full_administrator'] }]);
    const rita = await person(world, 'Rita', [{ in: customer, workspaceRole: 'read_only' }]);
    const outside = await organization(world, 'partner');
    const otto = await person(world, 'Otto Hahn', [{ in: outside, roles: ['partner_administrator'] }]);
    const order = await otto.http.post('/v1/external-administrator-requests', {
      customerId: customer,
      reason: 'Order',
    });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const terms = { email: otto.email, role: 'read_only_administrator', until };
    const admitted = await ada.http.post(`/v1/external-administrator-requests/${order.body.id}/approve`, terms);
    expect(admitted.status).toBe(200);
    const ask = async (agent: Cast | undefined) => {
      const asked = await agent?.http.post('/v1/elevations', { customerId: customer, reason: 'The secret reason' });
      return String(asked?.body.id);
    };
    const [granted, pending] = [await ask(grace), await ask(gert)];
    expect((await ada.http.post(`/v1/elevations/${granted}/approve`)).status).toBe(200);
    await withDeadProvider(customer);

    const visitor = new ConsoleVisitor(ada.http);
    const lost = await visitor.open(`/elevations/${pending}`);
    expect([lost.status, lost.html.includes('href="/saying-no"')]).toEqual([404, true]);
    expect((await visitor.open('/')).html).toContain('href="/saying-no"');
    const shown = await visitor.open('/saying-no');
    for (const name of ['Grace Hopper', 'Gert Frobe', 'Otto Hahn']) expect(shown.html).toContain(name);
    expect(shown.html).not.toContain('The secret reason');
    const nothing = await new ConsoleVisitor(rita.http).open('/saying-no');
    expect(nothing.html).toContain('There is nothing to say no to');

    const forms = [...shown.html.matchAll(/action="(\/saying-no\/[^"]+)"/g)].map(([, action = '']) => action);
    expect(forms).toHaveLength(3);
    for (const form of forms) {
      // Whoever could not before cannot now.
      expect((await new ConsoleVisitor(rita.http).send('/saying-no', form, {})).status).toBeGreaterThanOrEqual(403);
      expect((await visitor.send('/saying-no', form, {})).location).toMatch(/^\/saying-no\?notice=(denied|revoked)$/);
    }
    expect((await visitor.open('/saying-no')).html).toContain('There is nothing to say no to');
    const left = await inDatabase(async (em) => [
      await em.count(Grant, { organizationId: customer, status: 'active' }),
      await em.count(Elevation, { customerId: customer, status: 'pending' }),
      await em.count(Membership, { organizationId: customer, kind: 'external', removedAt: null }),
    ]);
    expect(left).toEqual([0, 0, 0]);
    expect((await visitor.send('/saying-no', '/saying-no/requests/nothing/x/deny', {})).status).toBe(404);
  }, 60_000);

  it('leave nothing to whom an administrator has signed out', async () => {
    const [partner, customer] = [await organization(world, 'partner'), await organization(world, 'customer')];
    await relationship(world, partner, customer);
    const agent = await person(world, 'Grace', [{ in: partner, roles: ['help_desk_advanced'] }]);
    const elsewhere = await organization(world, 'customer');
    const ada = await person(world, 'Ada', [
      { in: customer, roles: ['full_administrator'] },
      { in: elsewhere, workspaceRole: 'read_only' },
    ]);
    const olga = await person(world, 'Olga', [{ in: customer, workspaceRole: 'owner', roles: ['full_administrator'] }]);
    const asked = await agent.http.post('/v1/elevations', { customerId: customer, reason: 'A ticket' });
    const members = `/v1/organizations/${customer}/members`;
    expect((await olga.http.delete(`${members}/${ada.memberIds[customer]}/sessions`)).status).toBe(204);
    expect((await ada.http.post(`/v1/elevations/${asked.body.id}/deny`)).status).toBe(404);
    expect((await olga.http.post(`/v1/elevations/${asked.body.id}/deny`)).status).toBe(200);
  });
});

describe('a password wished for by somebody who signs in by single sign-on alone', () => {
  it('is answered like any other, with a mail that says where to sign in and holds no link to a password', async () => {
    const acme = await organization(world, 'customer', { name: 'Acme of the North' });
    const rita = await person(world, 'Rita', [{ in: acme }]);
    await withDeadProvider(acme);
    expect((await world.visitor.post('/v1/password-resets', { email: rita.email })).status).toBe(202);
    const mail = await world.mail.waitForMail({ to: rita.email, kind: 'password.reset' }, 15_000);
    expect(mail.subject).toBe('How to sign in');
    expect(mail.text).toContain('Acme of the North');
    expect(mail.text).toMatch(/\/sign-in\?organization=customer-/);
    expect(mail.text + mail.html).not.toContain('cs_reset_');
  }, 60_000);
});
