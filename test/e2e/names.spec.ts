import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Account, Address, AddressChange, asSystem, Credential } from '#persistence';
import { ConsoleVisitor } from '../support/console-visitor.ts';
import { eventually } from '../support/eventually.ts';
import { addMember, createCustomer, createPartner, signIn, type OrganizationWithFirst } from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let acme: OrganizationWithFirst;
let globex: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  acme = await createCustomer(world, partner, 'Acme');
  globex = await createCustomer(world, partner, 'Globex');
}, 120_000);
afterAll(() => world?.stop());

const inDatabase = <T>(work: Parameters<typeof world.database.transaction<T>>[1]) =>
  world.database.transaction(asSystem, work);

const teammate = () => addMember(world, acme, { workspaceRole: 'read_only' });
const eventsOf = async (organization: OrganizationWithFirst, action: string) => {
  const listed = await organization.first.http.get(
    `/v1/organizations/${organization.id}/audit-events?action=${action}&limit=200`,
  );
  return listed.body.items as { subject: { id: string }; reason: string | null; outcome: string }[];
};

/** The token in the mail that went to the address. */
async function tokenIn(to: string): Promise<string> {
  const mail = await world.mail.waitForMail({ to, kind: 'account.address-change' }, 15_000);
  return /cs_address_[\w-]+/.exec(mail.text)?.[0] ?? '';
}

describe('a name that could be taken for another', () => {
  it.each([
    ['for an invite', { email: 'eve@acme.example', displayName: '\u0410da Lovelace', workspaceRole: 'read_only' }],
    [
      'turning the text around',
      { email: 'eve@acme.example', displayName: 'Ada \u202Etxt', workspaceRole: 'read_only' },
    ],
  ])('is refused with a code of its own: %s', async (_what, invite) => {
    const answer = await acme.first.http.post(`/v1/organizations/${acme.id}/invites`, invite);
    expect([answer.status, answer.body.code]).toEqual([400, 'name_not_acceptable']);
    expect(answer.body.errors[0].pointer).toBe('/displayName');
  });

  it('is no name of an organization either', async () => {
    const renamed = await acme.first.http.patch(`/v1/organizations/${acme.id}`, { name: 'N\u043erthwind' });
    expect([renamed.status, renamed.body.code]).toEqual([400, 'name_not_acceptable']);
  });

  it('is not what somebody may call themselves when they accept', async () => {
    const email = 'eve@acme.example';
    await acme.first.http.post(`/v1/organizations/${acme.id}/invites`, { email, workspaceRole: 'read_only' });
    const mail = await world.mail.waitForMail({ to: email, kind: 'invite.sign-up' }, 15_000);
    const token = /cs_invite_[\w-]+/.exec(mail.text)?.[0];
    const password = 'a quiet river in June';
    const lookalike = await world.visitor.post('/v1/invites/accept', {
      token,
      username: '\u0441\u043e\u0441\u043e',
      password,
    });
    expect([lookalike.status, lookalike.body.code, lookalike.body.reason]).toEqual([
      400,
      'name_not_acceptable',
      'looks_like_another',
    ]);
    const taken = await world.visitor.post('/v1/invites/accept', { token, username: 'ＥＶＥ', password });
    expect(taken.status).toBe(200);
    // The full-width name and the plain one are one and the same.
    expect((await world.visitor.post('/v1/sessions', { username: 'eve', password })).status).toBe(201);
    expect((await world.visitor.post('/v1/sessions', { username: 'Ｅｖｅ', password })).status).toBe(201);
  });

  it('that is stored already stays within its bounds on a page', async () => {
    const mate = await teammate();
    await inDatabase((em) =>
      em.nativeUpdate(Account, { id: mate.accountId }, { displayName: 'Mallory \u202Egnp.\u2066' }),
    );
    const page = await new ConsoleVisitor(acme.first.http).open(`/organizations/${acme.id}/teammates`);
    expect(page.html).toContain('<bdi>Mallory gnp.</bdi>');
    expect(page.html).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
  });
});

describe('a person’s own name', () => {
  it('changes by their own act, and their organizations read what it was', async () => {
    const mate = await teammate();
    const changed = await mate.http.patch('/v1/me', { displayName: ' Augusta\u00A0King ' });
    expect([changed.status, changed.body.displayName]).toEqual([200, 'Augusta King']);
    expect((await mate.http.get('/v1/me')).body.account.displayName).toBe('Augusta King');
    const [event] = await eventsOf(acme, 'account.name-changed');
    expect(event).toMatchObject({ subject: { id: mate.accountId }, actor: { displayName: mate.displayName } });
    expect(await eventsOf(globex, 'account.name-changed')).toEqual([]);
  });

  it('changes on a page, which keeps what was typed where it will not do', async () => {
    const mate = await teammate();
    const visitor = new ConsoleVisitor(mate.http);
    const refused = await visitor.send('/account', '/account/name', { displayName: '\u0410da' });
    expect(refused.status).toBe(400);
    expect(refused.html).toContain('value="\u0410da"');
    expect(refused.html).toContain('This name will not do');
    const changed = await visitor.send('/account', '/account/name', { displayName: 'Grace Hopper' });
    expect([changed.status, changed.location]).toEqual([303, '/account?notice=name-changed']);
    expect((await visitor.open('/account')).html).toContain('<bdi>Grace Hopper</bdi>');
  });

  it('is nothing a service has, and nothing a stranger changes', async () => {
    expect((await world.visitor.patch('/v1/me', { displayName: 'Nobody' })).status).toBe(401);
    const service = await world.support.patch('/v1/me', { displayName: 'Support' });
    expect([service.status, service.body.code]).toEqual([403, 'person_required']);
  });
});

describe('a person’s own address', () => {
  it('changes once the links of both mails were opened, and leaves the former one free', async () => {
    const mate = await teammate();
    const next = 'Augusta.King@acme.example';
    expect((await mate.http.post('/v1/me/address-change', { email: next })).status).toBe(202);
    const [old, fresh] = [await tokenIn(mate.email), await tokenIn(next)];
    expect(old).not.toBe(fresh);

    const first = await mate.http.post('/v1/me/address-change/confirm', { token: fresh });
    expect(first.body).toEqual({ isDone: false });
    // Opening a link twice is opening it once.
    expect((await mate.http.post('/v1/me/address-change/confirm', { token: fresh })).body).toEqual({ isDone: false });
    expect((await mate.http.get('/v1/me')).body.account.email).toBe(mate.email);

    const second = await mate.http.post('/v1/me/address-change/confirm', { token: old });
    expect(second.body).toEqual({ isDone: true });
    expect((await mate.http.get('/v1/me')).body.account.email).toBe(next);
    await signIn(world, next.toLowerCase());
    expect((await world.visitor.post('/v1/sessions', { email: mate.email, password: mate.password })).status).toBe(401);
    expect(await inDatabase((em) => em.count(Address, { address: mate.email }))).toBe(0);
    for (const to of [mate.email, next])
      expect((await world.mail.waitForMail({ to, kind: 'account.address-changed' }, 15_000)).text).toContain(
        'signs in with it',
      );
    expect((await eventsOf(acme, 'account.address-changed')).map(({ subject }) => subject.id)).toContain(
      mate.accountId,
    );

    const again = await mate.http.post('/v1/me/address-change/confirm', { token: old });
    expect([again.status, again.body.code]).toEqual([410, 'address_link_invalid']);
  }, 60_000);

  it('does not change by the links alone: whoever opens them is signed in as the person', async () => {
    const [mate, other] = [await teammate(), await teammate()];
    const next = 'elsewhere@acme.example';
    await mate.http.post('/v1/me/address-change', { email: next });
    for (const token of [await tokenIn(mate.email), await tokenIn(next)]) {
      expect((await world.visitor.post('/v1/me/address-change/confirm', { token })).status).toBe(401);
      const stolen = await other.http.post('/v1/me/address-change/confirm', { token });
      expect([stolen.status, stolen.body.code]).toEqual([410, 'address_link_invalid']);
    }
    expect((await mate.http.get('/v1/me')).body.account.email).toBe(mate.email);
  }, 60_000);

  it('is not that of somebody else, and asking tells nobody whose it is', async () => {
    const [mate, other] = [await teammate(), await teammate()];
    const [free, taken] = [
      await mate.http.post('/v1/me/address-change', { email: 'nobody@acme.example' }),
      await mate.http.post('/v1/me/address-change', { email: other.email }),
    ];
    expect([free.status, taken.status]).toEqual([202, 202]);
    const old = await inDatabase((em) =>
      em.findOneOrFail(AddressChange, { accountId: mate.accountId, newAddress: other.email }),
    );
    expect(old.doneAt).toBeNull();
    await mate.http.post('/v1/me/address-change/confirm', { token: await tokenIn(other.email) });
    const token = await eventually(() => {
      const isAboutOther = (text: string) => text.replaceAll('\u200C', '').includes(other.email);
      const mail = world.mail.mails().find(({ to, text }) => to.includes(mate.email) && isAboutOther(text));
      const found = /cs_address_[\w-]+/.exec(mail?.text ?? '')?.[0];
      if (!found) throw new Error('The mail to the present address has not come');
      return found;
    });
    const refused = await mate.http.post('/v1/me/address-change/confirm', { token });
    expect([refused.status, refused.body.code]).toEqual([409, 'address_taken']);
    expect((await other.http.get('/v1/me')).body.account.email).toBe(other.email);
  }, 60_000);

  it('asked for anew voids the links before', async () => {
    const mate = await teammate();
    await mate.http.post('/v1/me/address-change', { email: 'typo@acme.example' });
    const former = await tokenIn('typo@acme.example');
    await mate.http.post('/v1/me/address-change', { email: 'right@acme.example' });
    const refused = await mate.http.post('/v1/me/address-change/confirm', { token: former });
    expect([refused.status, refused.body.code]).toEqual([410, 'address_link_invalid']);
  }, 60_000);

  it('changes on pages, where opening a link changes nothing yet', async () => {
    const mate = await teammate();
    const visitor = new ConsoleVisitor(mate.http);
    const next = 'by.page@acme.example';
    const asked = await visitor.send('/account', '/account/address', { email: next });
    expect(asked.location).toBe('/account?notice=address-asked');
    for (const [to, notice] of [
      [next, 'address-confirmed'],
      [mate.email, 'address-changed'],
    ] as const) {
      const path = `/account/address/${await tokenIn(to)}`;
      expect((await visitor.open(path)).html).toContain(`<bdi>${next}</bdi>`);
      expect((await mate.http.get('/v1/me')).body.account.email).toBe(mate.email);
      expect((await visitor.send(path, path, {})).location).toBe(`/account?notice=${notice}`);
    }
    expect((await mate.http.get('/v1/me')).body.account.email).toBe(next);
  }, 60_000);

  it('takes the user name along that was the former address', async () => {
    const mate = await teammate();
    await inDatabase((em) => em.nativeUpdate(Credential, { accountId: mate.accountId }, { username: mate.email }));
    const next = 'renamed@acme.example';
    await mate.http.post('/v1/me/address-change', { email: next });
    for (const to of [mate.email, next])
      await mate.http.post('/v1/me/address-change/confirm', { token: await tokenIn(to) });
    const credential = await inDatabase((em) => em.findOneOrFail(Credential, { accountId: mate.accountId }));
    expect(credential.username).toBe(next);
  }, 60_000);
});

describe('an address in letters of other scripts', () => {
  it('is invited, signs up and signs in, in either form of its domain', async () => {
    const email = 'jürgen@bücher.example';
    const invited = await acme.first.http.post(`/v1/organizations/${acme.id}/invites`, {
      email,
      workspaceRole: 'read_only',
    });
    expect(invited.status).toBe(201);
    const again = await acme.first.http.post(`/v1/organizations/${acme.id}/invites`, {
      email: 'JÜRGEN@xn--bcher-kva.example',
      workspaceRole: 'read_only',
    });
    expect(again.body.id).toBe(invited.body.id);
    const mail = await world.mail.waitForMail({ kind: 'invite.sign-up', to: email }, 15_000);
    const token = /cs_invite_[\w-]+/.exec(mail.text)?.[0];
    const password = 'a quiet river in June';
    const accepted = await world.visitor.post('/v1/invites/accept', { token, username: 'jürgen', password });
    expect(accepted.status).toBe(200);
    for (const login of [email, 'Jürgen@xn--bcher-kva.example'])
      expect((await world.visitor.post('/v1/sessions', { email: login, password })).status).toBe(201);
  }, 60_000);
});
