import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mailsAbout, organization, person, relationship, type Cast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { trailOf } from '../support/questions.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: string;
let requester: Cast;
let colleague: Cast;
/** A customer of the test's own, so that no mail of another test meets the fault. */
let customer: string;
let admin: Cast;
let second: Cast;

beforeAll(async () => {
  world = await createWorld();
  partner = await organization(world, 'partner', { name: 'Northwind' });
  requester = await person(world, 'Grace Asker', [
    { in: partner, roles: ['partner_administrator', 'help_desk_advanced'] },
  ]);
  colleague = await person(world, 'Priya Partner', [{ in: partner, roles: ['full_administrator'] }]);
}, 120_000);
beforeEach(async () => {
  customer = await organization(world, 'customer', { name: 'Harbour' });
  admin = await person(world, 'Ada Admin', [{ in: customer, roles: ['full_administrator'] }]);
  second = await person(world, 'Bob Admin', [{ in: customer, roles: ['full_administrator'] }]);
});
afterAll(() => world?.stop());

const requests = '/v1/external-administrator-requests';
const everybody = () => [requester, colleague, admin, second];

async function ask(by = requester, customerId = customer): Promise<string> {
  const asked = await by.http.post(requests, { customerId, reason: 'Order 4711' });
  expect(asked.status).toBe(201);
  return asked.body.id;
}

const untilNotified = (who: Cast, path: string, expected: object) =>
  eventually(async () => expect((await who.http.get(path)).body.notifications).toEqual(expected), 30_000);

describe('the mails about an external administrator’s request that were refused', () => {
  it('are shown to the customer, sent again by one administrator, and arrive once', async () => {
    for (const { email } of [admin, second]) world.mail.failNext(1, 'reject-5xx', email);
    const id = await ask();
    const path = `${requests}/${id}`;
    await untilNotified(admin, path, { planned: 0, sent: 0, undeliverable: 2 });
    const resent = await admin.http.post(`${path}/resend`);
    expect(resent).toMatchObject({ status: 200, body: { id, status: 'pending' } });
    await untilNotified(admin, path, { planned: 0, sent: 2, undeliverable: 0 });
    // There is nothing left to repair, and so nothing happens.
    expect((await second.http.post(`${path}/resend`)).status).toBe(200);
    expect(mailsAbout(world, id, everybody())).toEqual([
      'external-administrator.requested to Ada Admin',
      'external-administrator.requested to Bob Admin',
    ]);
    expect(await trailOf(admin.http, customer, id)).toEqual([
      'external-administrator.requested',
      'external-administrator.mails-resent',
    ]);
  }, 60_000);

  it('tell the partner nothing of whether there is such a customer, and do nothing for it', async () => {
    world.mail.failNext(1, 'reject-5xx', admin.email);
    const id = await ask();
    const path = `${requests}/${id}`;
    await untilNotified(admin, path, { planned: 0, sent: 1, undeliverable: 1 });
    const unknown = `${requests}/${await ask(requester, '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e')}`;
    const nothing = { planned: 0, sent: 0, undeliverable: 0 };
    for (const who of [requester, colleague]) {
      for (const one of [path, unknown]) {
        const answer = await who.http.post(`${one}/resend`);
        expect(answer).toMatchObject({ status: 200, body: { notifications: nothing } });
      }
    }
    expect((await admin.http.get(path)).body.notifications.undeliverable).toBe(1);
    // What the customer's people do about their own mails stays with the customer, too.
    expect((await admin.http.post(`${path}/resend`)).status).toBe(200);
    await untilNotified(second, path, { planned: 0, sent: 2, undeliverable: 0 });
    expect(await trailOf(colleague.http, partner, id)).toEqual(['external-administrator.requested']);
  }, 60_000);

  it('are repaired by the requester where they went to the requester', async () => {
    const id = await ask();
    const path = `${requests}/${id}`;
    await untilNotified(admin, path, { planned: 0, sent: 2, undeliverable: 0 });
    world.mail.failNext(1, 'reject-5xx', requester.email);
    expect((await admin.http.post(`${path}/deny`)).status).toBe(200);
    await untilNotified(requester, path, { planned: 0, sent: 0, undeliverable: 1 });
    expect((await requester.http.post(`${path}/resend`)).status).toBe(200);
    await untilNotified(requester, path, { planned: 0, sent: 1, undeliverable: 0 });
    expect(mailsAbout(world, id, everybody())).toContain('external-administrator.denied to Grace Asker');
    expect(await trailOf(colleague.http, partner, id)).toContain('external-administrator.mails-resent');
    expect(await trailOf(admin.http, customer, id)).not.toContain('external-administrator.mails-resent');
  }, 60_000);

  it('are nobody else’s business', async () => {
    const id = await ask();
    const member = await person(world, 'Member', [{ in: customer }]);
    const stranger = await person(world, 'Stranger', []);
    for (const who of [member, stranger]) expect((await who.http.post(`${requests}/${id}/resend`)).status).toBe(404);
    expect((await world.visitor.post(`${requests}/${id}/resend`)).status).toBe(401);
  });
});

describe('the mails about a help-desk session that were refused', () => {
  it('are sent again to the administrator whose mailbox is mended', async () => {
    await relationship(world, partner, customer);
    const stranger = await person(world, 'Stranger', []);
    world.mail.failNext(1, 'reject-5xx', admin.email);
    const opened = await requester.http.post('/v1/help-desk-sessions', { customerId: customer, reason: 'A look.' });
    expect(opened.status).toBe(201);
    const path = `/v1/help-desk-sessions/${opened.body.id}`;
    await untilNotified(requester, path, { planned: 0, sent: 1, undeliverable: 1 });
    expect((await stranger.http.post(`${path}/resend`)).status).toBe(404);
    expect((await requester.http.post(`${path}/resend`)).status).toBe(200);
    await untilNotified(admin, path, { planned: 0, sent: 2, undeliverable: 0 });
    expect(mailsAbout(world, opened.body.id, everybody())).toEqual([
      'help-desk-session.opened to Ada Admin',
      'help-desk-session.opened to Bob Admin',
    ]);
    expect(await trailOf(admin.http, customer, opened.body.id)).toContain('help-desk-session.mails-resent');
  }, 60_000);
});
