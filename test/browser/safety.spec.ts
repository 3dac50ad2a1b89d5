import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  addMember,
  createCustomer,
  createPartner,
  signIn,
  testPassword,
  type OrganizationWithFirst,
  type Person,
} from '../support/people.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
let partner: OrganizationWithFirst;
let customer: OrganizationWithFirst;
let agent: Person;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  customer = await createCustomer(world, partner, 'Harbour');
  agent = await addMember(world, partner, { displayName: 'Grace Hopper', administratorRoles: ['help_desk_advanced'] });
});
afterAll(async () => {
  await world?.stop();
});

const ask = async (): Promise<string> =>
  (await agent.http.post('/v1/elevations', { customerId: customer.id, reason: 'Safety.' })).body.id as string;
const statusOf = async (id: string): Promise<string> =>
  (await agent.http.get(`/v1/elevations/${id}`)).body.status as string;

/** What a browser without JavaScript does: cookies, forms, no redirects of its own accord. */
class Visitor {
  private readonly cookies = new Map<string, string>();

  async request(method: string, path: string, fields?: Record<string, string>, headers: Record<string, string> = {}) {
    const response = await fetch(`${world.baseUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(fields && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(fields && { body: new URLSearchParams(fields).toString() }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      this.cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async tokenOn(path: string): Promise<string> {
    const { text } = await this.request('GET', path);
    return /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '';
  }

  async signIn({ email, password }: Person, returnTo = '/'): Promise<string | null> {
    const form_token = await this.tokenOn('/sign-in');
    const answer = await this.request('POST', '/sign-in', { form_token, login: email, password, return: returnTo });
    return answer.headers.get('location');
  }

  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }
}

const signedIn = async (person: Person): Promise<Visitor> => {
  const visitor = new Visitor();
  expect(await visitor.signIn(person)).toBe('/');
  return visitor;
};

describe('the console keeps safe', () => {
  it('leaves everything as it is under a hundred GETs and HEADs of every mailed link, signed in or not', async () => {
    const elevation = await ask();
    const invited = `scanned@${customer.slug}.example`;
    await customer.first.http.post(`/v1/organizations/${customer.id}/invites`, {
      email: invited,
      workspaceRole: 'read_only',
    });
    await world.visitor.post('/v1/password-resets', { email: agent.email });
    const requested = await world.mail.waitForMail({ to: customer.first.email, kind: 'elevation.requested' }, 15_000);
    const invite = await world.mail.waitForMail({ to: invited, kind: 'invite.sign-up' }, 15_000);
    const reset = await world.mail.waitForMail({ to: agent.email, kind: 'password.reset' }, 15_000);
    const links = [requested, invite, reset].flatMap(({ text }) =>
      [...text.matchAll(/https?:\/\/[^\s<>"]+/g)].map(([url]) => new URL(url)),
    );
    expect(links.length).toBeGreaterThanOrEqual(3);
    const events = async () => {
      const page = await customer.first.http.get(`/v1/organizations/${customer.id}/audit-events?limit=200`);
      // Signing in, which is what half of the visitors do first, is on the trail.
      const all = page.body.items as { id: string; action: string }[];
      return all.filter(({ action }) => action !== 'session.opened').map(({ id }) => id);
    };
    const before = await events();
    const approver = await signedIn(customer.first);
    const scanner = new Visitor();
    for (const { pathname } of links) {
      for (let round = 0; round < 50; round += 1) {
        const visitor = round % 2 === 0 ? approver : scanner;
        const [got, head] = await Promise.all([visitor.request('GET', pathname), visitor.request('HEAD', pathname)]);
        expect([200, 303]).toContain(got.status);
        expect(head.status).toBe(got.status);
      }
    }
    expect(await statusOf(elevation)).toBe('pending');
    expect(await events()).toEqual(before);
    const token = (pattern: RegExp, text: string) => pattern.exec(text)?.[1] ?? '';
    const accepted = await world.visitor.post('/v1/invites/accept', {
      token: token(/\/invites\/([\w-]+)/, invite.text),
      username: 'scanned-no-more',
      password: testPassword,
    });
    expect(accepted.status).toBe(200);
    const completed = await world.visitor.post('/v1/password-resets/complete', {
      token: token(/\/reset-password\/([\w-]+)/, reset.text),
      password: testPassword,
    });
    expect(completed.status).toBe(204);
    agent.http = await signIn(world, agent.email);
    await agent.http.post(`/v1/elevations/${elevation}/cancel`);
  });

  it('refuses a decision without session or form token, and uses nothing up', async () => {
    const elevation = await ask();
    const approver = await signedIn(customer.first);
    const otherApprover = await signedIn(customer.first);
    const path = `/elevations/${elevation}/approve`;
    expect((await new Visitor().request('POST', path, { durationSeconds: '60' })).status).toBe(401);
    expect((await approver.request('POST', path, {})).status).toBe(403);
    expect((await approver.request('POST', path, { form_token: 'x'.repeat(43) })).status).toBe(403);
    const foreign = await otherApprover.tokenOn(`/elevations/${elevation}`);
    const stolen = await approver.request('POST', path, { form_token: foreign });
    expect(stolen.status).toBe(403);
    expect(stolen.text).toContain('This form is too old or came from elsewhere');
    // The address for machines does not know the cookie.
    const cookie = { cookie: `countersign=${approver.cookie('countersign')}` };
    expect((await new Visitor().request('POST', `/v1${path}`, undefined, cookie)).status).toBe(401);
    expect(await statusOf(elevation)).toBe('pending');

    const form_token = await approver.tokenOn(`/elevations/${elevation}`);
    expect((await approver.request('POST', path, { form_token })).headers.get('location')).toBe(
      `/elevations/${elevation}?notice=granted`,
    );
    const opposite = await otherApprover.request('POST', `/elevations/${elevation}/deny`, { form_token: foreign });
    expect(opposite.status).toBe(409);
    expect(opposite.text).toContain('Grace Hopper has access to Harbour');
    await customer.first.http.post(`/v1/elevations/${elevation}/revoke`);
  });

  it('refuses a sign-up without its form token, and the link goes on working', async () => {
    const invited = `careful@${customer.slug}.example`;
    await customer.first.http.post(`/v1/organizations/${customer.id}/invites`, {
      email: invited,
      workspaceRole: 'read_only',
    });
    const mail = await world.mail.waitForMail({ to: invited, kind: 'invite.sign-up' }, 15_000);
    const path = /\/invites\/[\w-]+/.exec(mail.text)?.[0] ?? '';
    const visitor = new Visitor();
    const form = { username: 'careful', password: testPassword, displayName: 'Careful Person' };
    expect((await visitor.request('POST', path, form)).status).toBe(403);
    const form_token = await visitor.tokenOn(path);
    const weak = await visitor.request('POST', path, { ...form, form_token, password: 'password' });
    expect(weak.status).toBe(400);
    expect(weak.text).toContain('Careful Person');
    expect((await visitor.request('POST', path, { ...form, form_token })).headers.get('location')).toBe(
      '/?notice=welcome',
    );
    expect((await visitor.request('GET', '/')).text).toContain('Hello <bdi>Careful Person</bdi>');
    const again = await new Visitor().request('GET', path);
    expect(again.status).toBe(410);
    expect(again.text).toContain('This invite has been accepted already');
  });

  it('sends every page with a strict policy, no referrer and nothing to keep', async () => {
    const approver = await signedIn(customer.first);
    for (const path of ['/', '/sign-in', '/nowhere', `/organizations/${customer.id}/access`]) {
      const { headers, text } = await approver.request('GET', path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("form-action 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(text).not.toMatch(/<script(?![^>]* src=)|<style| style=| on[a-z]+="/);
    }
  });

  it('goes back to pages of its own only after signing in', async () => {
    for (const [wanted, expected] of [
      ['/elevations/x?y=1', '/elevations/x?y=1'],
      ['//elsewhere.example', '/'],
      ['/\\elsewhere.example', '/'],
      ['/.//elsewhere.example', '/'],
      ['https://elsewhere.example/', '/'],
      ['/v1/me', '/'],
      ['javascript:alert(1)', '/'],
    ] as const) {
      expect(await new Visitor().signIn(customer.first, wanted)).toBe(expected);
    }
  });

  it('ends the session for good when somebody signs out', async () => {
    const visitor = await signedIn(customer.first);
    const kept = visitor.cookie('countersign');
    const form_token = await visitor.tokenOn('/');
    expect((await visitor.request('POST', '/sign-out', { form_token })).status).toBe(303);
    const stale = await new Visitor().request('GET', '/', undefined, { cookie: `countersign=${kept}` });
    expect(stale.headers.get('location')).toBe('/sign-in');
  });
});
