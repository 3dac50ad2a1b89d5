import { createHash, randomBytes } from 'node:crypto';
import { asSystem, MailDelivery, type Database } from '#persistence';
import type { MailCatcher } from '#local-stack';
import { Browser } from './browser.ts';
import { eventually } from './eventually.ts';
import { HttpClient, type Answer } from './http-client.ts';
import type { LeakSearch } from './leak-search.ts';
import { startSigningIssuer } from './signing-issuer.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

export interface CanaryStage {
  search: LeakSearch;
  database: Database;
  mail: MailCatcher;
  baseUrl: string;
  supportToken: string;
}

interface Somebody {
  http: HttpClient;
  accountId: string;
  memberId: string;
  email: string;
  password: string;
}

/**
 * Walks through everything the service does with names, addresses, reasons, passwords and tokens, each of them a canary,
 * the ways in which it goes wrong included. @returns the bodies of all refusals
 */
export async function tellCanaryStory(stage: CanaryStage): Promise<string[]> {
  const { search, database, mail, baseUrl, supportToken } = stage;
  const refusals: string[] = [];
  const support = new HttpClient(baseUrl, supportToken);
  const visitor = new HttpClient(baseUrl, null);

  const expectStatus = (answer: Answer, status: number, what: string): Answer => {
    if (answer.status !== status)
      throw new Error(`${what} answered ${answer.status}, not ${status}: ${JSON.stringify(answer.body)}`);
    if (status >= 400) refusals.push(JSON.stringify(answer.body));
    return answer;
  };
  const nameOf = (what: string) => `Zo ${search.make('name', what)}`;
  const addressOf = (what: string) => `${search.make('address', what)}@canary.example`;
  const reasonOf = (what: string) => `Because of ${search.make('reason', what)}, please`;
  const passwordOf = (what: string) => `pass ${search.make('password', what)} word`;
  /** Only what is random of a token: its prefix is in every text about tokens. */
  const watchToken = (what: string, token: string): string => {
    const random = token.replace(/^cs_[a-z]+_/, '');
    // An invite token begins with the invite's id, which is no secret.
    search.watch('token', what, random.length > 60 ? random.slice(23) : random);
    return token;
  };
  const linkIn = async (email: string, kind: string, form: RegExp): Promise<string> => {
    const { text } = await mail.waitForMail({ to: email, kind }, 30_000);
    const token = form.exec(text)?.[1];
    if (!token) throw new Error(`No link in ${kind} to ${email}`);
    return watchToken(`the link of ${kind}`, token);
  };

  const signIn = async (email: string, password: string): Promise<HttpClient> => {
    const agent = { 'user-agent': `Browser ${search.make('header', 'the user agent')}` };
    const session = expectStatus(await visitor.post('/v1/sessions', { email, password }, agent), 201, 'Signing in');
    return new HttpClient(baseUrl, watchToken('a session', session.body.token));
  };
  const accept = async (email: string, what: string): Promise<Somebody> => {
    const token = await linkIn(email, 'invite.sign-up', /\/invites\/(cs_invite_[\w-]+)/);
    expectStatus(await visitor.get(`/invites/${token}`, { accept: 'text/html' }), 200, 'The page of the link');
    const password = passwordOf(`${what} signing up`);
    const username = search.make('username', what);
    const body = { token, username, password, displayName: nameOf(`${what} signing up`) };
    const accepted = expectStatus(await visitor.post('/v1/invites/accept', body), 200, 'Accepting');
    const http = await signIn(email, password);
    return { http, accountId: accepted.body.accountId, memberId: accepted.body.memberId, email, password };
  };
  const invite = async (by: HttpClient, organizationId: string, what: string, more: object = {}) => {
    const email = addressOf(what);
    const body = { email, displayName: nameOf(`${what}, invited`), workspaceRole: 'full_access', ...more };
    expectStatus(await by.post(`/v1/organizations/${organizationId}/invites`, body), 201, 'Inviting');
    return email;
  };
  const first = (email: string, what: string) => ({ email, displayName: nameOf(`the first person of ${what}`) });

  // Organizations and their first people: the sign-up path.
  const partnerAddress = addressOf('the partner’s first person');
  const partner = expectStatus(
    await support.post('/v1/organizations', {
      kind: 'partner',
      name: nameOf('the partner'),
      slug: `p-${randomBytes(6).toString('hex')}`,
      loginMethods: ['password'],
      firstAdministrator: first(partnerAddress, 'the partner'),
    }),
    201,
    'Creating the partner',
  ).body;
  const priya = await accept(partnerAddress, 'the partner’s first person');
  const customerAddress = addressOf('the customer’s first person');
  const clientSecret = watchToken('the client secret', randomBytes(32).toString('base64url'));
  const subject = { sub: search.make('username', 'a subject of the provider'), email: customerAddress };
  const issuer = await startSigningIssuer(subject, clientSecret);
  try {
    const customer = expectStatus(
      await priya.http.post(
        `/v1/organizations/${partner.id}/customers`,
        {
          name: nameOf('the customer'),
          slug: `c-${randomBytes(6).toString('hex')}`,
          loginMethods: ['password', 'sso'],
          sso: issuer.sso,
          firstAdministrator: first(customerAddress, 'the customer'),
        },
        { 'idempotency-key': search.make('header', 'an Idempotency-Key') },
      ),
      201,
      'Creating the customer',
    ).body;
    const carl = await accept(customerAddress, 'the customer’s first person');
    const settings = `/v1/organizations/${customer.id}`;

    // Teammates: the other path of an invite, a list of them, one that can't be delivered, one that is withdrawn.
    const agentAddress = await invite(priya.http, partner.id, 'the agent');
    const agent = await accept(agentAddress, 'the agent');
    const roles = { roles: ['help_desk_advanced'] };
    const rolesOf = `/v1/organizations/${partner.id}/members/${agent.memberId}/administrator-roles`;
    expectStatus(await priya.http.put(rolesOf, roles), 200, 'Making the agent one');
    const guest = await invite(priya.http, partner.id, 'a guest');
    const guestHere = await accept(guest, 'a guest');
    const welcome = { email: guest, displayName: nameOf('the guest at the customer'), workspaceRole: 'read_only' };
    expectStatus(await carl.http.post(`${settings}/invites`, welcome), 201, 'Inviting a known person');
    const welcomed = await linkIn(guest, 'invite.welcome', /\/invites\/(cs_invite_[\w-]+)/);
    expectStatus(await guestHere.http.post('/v1/invites/accept', { token: welcomed }), 200, 'Accepting signed in');
    const renamed = await guestHere.http.patch('/v1/me', { displayName: nameOf('a guest, renamed') });
    expectStatus(renamed, 200, 'Going by another name');
    const moved = { email: addressOf('the new address of a guest') };
    expectStatus(await guestHere.http.post('/v1/me/address-change', moved), 202, 'Asking for another address');
    for (const to of [guest, moved.email]) {
      const confirmed = { token: await linkIn(to, 'account.address-change', /(cs_address_[\w-]+)/) };
      expectStatus(await guestHere.http.post('/v1/me/address-change/confirm', confirmed), 200, 'Confirming it');
    }
    expectStatus(
      await carl.http.post(
        `${settings}/invites/batch`,
        {
          invites: [
            { email: addressOf('a row of a list'), displayName: nameOf('a row of a list'), workspaceRole: 'read_only' },
            { email: `no address: ${search.make('address', 'a bad row')}`, workspaceRole: 'read_only' },
          ],
        },
        { 'idempotency-key': search.make('header', 'the Idempotency-Key of a list') },
      ),
      202,
      'Inviting by a list',
    );
    const unreachable = addressOf('somebody unreachable');
    mail.failNext(3, 'reject-4xx', unreachable);
    mail.failNext(20, 'reject-5xx', unreachable);
    const lost = { email: unreachable, displayName: nameOf('somebody unreachable'), workspaceRole: 'read_only' };
    expectStatus(await carl.http.post(`${settings}/invites`, lost), 201, 'Inviting somebody unreachable');
    const withdrawn = { email: addressOf('somebody withdrawn'), workspaceRole: 'read_only' };
    const open = expectStatus(await carl.http.post(`${settings}/invites`, withdrawn), 201, 'Inviting').body;
    expectStatus(await carl.http.post(`${settings}/invites/${open.id}/resend`), 200, 'Sending it again');
    expectStatus(await carl.http.post(`${settings}/invites/${open.id}/cancel`), 200, 'Withdrawing it');
    const alias = { address: addressOf('an alias') };
    expectStatus(await carl.http.post(`${settings}/members/${carl.memberId}/aliases`, alias), 201, 'An alias');

    // Groups, teams, services.
    for (const collection of ['groups', 'teams'])
      expectStatus(await carl.http.post(`${settings}/${collection}`, { name: nameOf(collection) }), 201, collection);
    const apiKey = expectStatus(
      await carl.http.post(
        `${settings}/api-keys`,
        { name: nameOf('a service'), administratorRoles: ['read_only_administrator'], scopes: ['members:read'] },
        { 'idempotency-key': search.make('header', 'the Idempotency-Key of a service') },
      ),
      201,
      'An API key',
    ).body;
    const service = new HttpClient(baseUrl, watchToken('an API key', apiKey.token));
    expectStatus(await service.get(`${settings}/members?query=${search.make('name', 'a search')}`), 200, 'Searching');

    // A directory that names somebody, by its own token.
    const scimToken = expectStatus(
      await carl.http.post(`${settings}/scim-tokens`, { name: nameOf('a directory') }),
      201,
      'A directory token',
    ).body;
    const directory = new HttpClient(baseUrl, watchToken('a directory token', scimToken.token));
    const named = {
      userName: addressOf('the user name of a directory'),
      externalId: search.make('header', 'the external id of a directory'),
      displayName: nameOf('the display name of a directory'),
      name: { givenName: nameOf('the given name of a directory') },
      emails: [{ value: addressOf('the address of a directory') }],
    };
    expectStatus(await directory.post(`/scim/v2/${scimToken.organizationId}/Users`, named), 201, 'Naming somebody');

    // Webhooks: one that arrives, one that leads nowhere.
    const receiver = await startWebhookReceiver();
    try {
      for (const [what, url] of [
        ['a webhook', receiver.url],
        ['a webhook to nowhere', 'http://127.0.0.1:9/'],
      ]) {
        const address = `${url}?key=${search.make('header', `the address of ${what}`)}`;
        const body = { url: address, description: nameOf(`the description of ${what}`) };
        const key = { 'idempotency-key': search.make('header', `the Idempotency-Key of ${what}`) };
        const made = expectStatus(await carl.http.post(`${settings}/webhooks`, body, key), 201, what ?? '').body;
        watchToken(`the secret of ${what}`, made.secret.replace('whsec_', ''));
        const rotated = await carl.http.post(`${settings}/webhooks/${made.id}/rotate-secret`);
        watchToken(
          `the next secret of ${what}`,
          expectStatus(rotated, 200, 'Rotating').body.secret.replace('whsec_', ''),
        );
      }
      await eventually(() => {
        if (receiver.taken().length === 0) throw new Error('The webhook has received nothing yet');
      }, 30_000);
    } finally {
      await receiver.stop();
    }

    // Elevation: its mail lost and sent again, denied, cancelled, approved and revoked, approved and returned, expired.
    const ask = async (what: string, more: object = {}): Promise<string> => {
      const body = { customerId: customer.id, reason: reasonOf(what), ticket: search.make('ticket', what), ...more };
      return expectStatus(await agent.http.post('/v1/elevations', body), 201, 'Asking').body.id;
    };
    const act = async (by: HttpClient, id: string, verb: string, body: object = {}) =>
      expectStatus(await by.post(`/v1/elevations/${id}/${verb}`, body), 200, verb);
    // More than once: other mails may be on their way to him.
    mail.failNext(20, 'reject-5xx', carl.email);
    const unheard = await ask('what is denied');
    await eventually(
      () =>
        database.transaction(asSystem, (em) =>
          em.findOneOrFail(MailDelivery, { rowId: unheard, status: 'undeliverable' }),
        ),
      60_000,
    );
    mail.clearFaults();
    await act(agent.http, unheard, 'resend');
    await mail.waitForMail({ to: carl.email, kind: 'elevation.requested' }, 30_000);
    await act(carl.http, unheard, 'deny', { reason: reasonOf('the denial'), unexpected: true });
    await act(agent.http, await ask('what is cancelled'), 'cancel');
    const revoked = await ask('what is revoked');
    await act(carl.http, revoked, 'approve', { durationSeconds: 900 });
    await act(carl.http, revoked, 'revoke', { reason: reasonOf('the revocation') });
    const returned = await ask('what is returned');
    await act(carl.http, returned, 'approve', { durationSeconds: 900 });
    await act(agent.http, returned, 'return');
    await act(carl.http, await ask('what runs out', { durationSeconds: 1 }), 'approve', { durationSeconds: 1 });
    await carl.http.patch(settings, { policy: { elevationPendingSeconds: 1 } });
    const forgotten = await ask('what nobody answers');
    await eventually(async () => {
      const { body } = await agent.http.get(`/v1/elevations/${forgotten}`);
      if (body.status !== 'expired') throw new Error(`The forgotten request is ${body.status}`);
    }, 30_000);

    // Help desk, external administrators.
    const opened = expectStatus(
      await agent.http.post('/v1/help-desk-sessions', { customerId: customer.id, reason: reasonOf('a session') }),
      201,
      'Opening a help-desk session',
    ).body;
    const ending = { reason: reasonOf('the end of a session') };
    expectStatus(await carl.http.post(`/v1/help-desk-sessions/${opened.id}/revoke`, ending), 200, 'Ending it');
    const otherAddress = addressOf('another partner’s first person');
    const other = expectStatus(
      await support.post('/v1/organizations', {
        kind: 'partner',
        name: nameOf('another partner'),
        slug: `o-${randomBytes(6).toString('hex')}`,
        loginMethods: ['password'],
        firstAdministrator: first(otherAddress, 'another partner'),
      }),
      201,
      'Creating another partner',
    ).body;
    const grace = await accept(otherAddress, 'another partner’s first person');
    const graceRoles = { roles: ['full_administrator', 'partner_full_administrator', 'partner_administrator'] };
    const rolesOfGrace = `/v1/organizations/${other.id}/members/${grace.memberId}/administrator-roles`;
    await support.put(rolesOfGrace, graceRoles);
    const requester = await accept(await invite(grace.http, other.id, 'an requester'), 'an requester');
    const requesterRoles = `/v1/organizations/${other.id}/members/${requester.memberId}/administrator-roles`;
    expectStatus(
      await grace.http.put(requesterRoles, { roles: ['partner_administrator'] }),
      200,
      'Making the requester one',
    );
    const requests = '/v1/external-administrator-requests';
    const askToAdminister = async (what: string, more: object) => {
      const body = { reason: reasonOf(what), ...more };
      return expectStatus(await requester.http.post(requests, body), 201, 'Asking to administer').body.id;
    };
    const denied = await askToAdminister('a denied administrator', {
      customerId: customer.id,
      addressedTo: carl.email,
    });
    const no = { reason: reasonOf('no external administrator') };
    expectStatus(await carl.http.post(`${requests}/${denied}/deny`, no), 200, 'Denying');
    const yes = await askToAdminister('an external administrator', { customerId: customer.id });
    const wrong = { email: addressOf('a mistyped requester'), role: 'full_administrator' };
    expectStatus(await carl.http.post(`${requests}/${yes}/approve`, wrong), 403, 'Approving a wrong address');
    const right = { email: requester.email, role: 'read_only_administrator' };
    expectStatus(await carl.http.post(`${requests}/${yes}/approve`, right), 200, 'Approving');
    await askToAdminister('an unknown domain', { customerDomain: `${search.make('address', 'a domain')}.example` });

    // Changes that are proposed: agreed to, denied, withdrawn with the secret in them.
    const propose = async (what: string, more: object): Promise<string> => {
      const body = { reason: reasonOf(what), ...more };
      return expectStatus(await priya.http.post(`${settings}/change-requests`, body), 201, 'Proposing').body.id;
    };
    const appointment = (what: string) => ({
      kind: 'appointment',
      email: addressOf(what),
      displayName: nameOf(what),
    });
    const direct = { ...appointment('somebody appointed at once'), kind: undefined };
    const office = { ...direct, administratorRoles: ['full_administrator'] };
    expectStatus(await priya.http.post(`${settings}/invites`, office), 409, 'Appointing at once');
    const changes = '/v1/change-requests';
    const agreed = await propose('a change agreed to', appointment('somebody appointed'));
    expectStatus(await carl.http.post(`${changes}/${agreed}/approve`), 200, 'Agreeing');
    const unwanted = await propose('a change not agreed to', appointment('somebody not appointed'));
    const why = { reason: reasonOf('no change'), unexpected: true };
    expectStatus(await carl.http.post(`${changes}/${unwanted}/deny`, why), 200, 'Not agreeing');
    const proposedSecret = watchToken('a proposed client secret', randomBytes(32).toString('base64url'));
    const provider = { issuer: 'https://idp.example', clientId: 'countersign', clientSecret: proposedSecret };
    const signInChange = await propose('another provider', { kind: 'authentication', sso: provider });
    expectStatus(await priya.http.post(`${changes}/${signInChange}/cancel`), 200, 'Taking it back');

    // Passwords: forgotten, mistyped, changed.
    await visitor.post('/v1/password-resets', { email: addressOf('nobody') });
    expectStatus(await visitor.post('/v1/password-resets', moved), 202, 'Asking for a new password');
    const reset = await linkIn(moved.email, 'password.reset', /\/reset-password\/(cs_reset_[\w-]+)/);
    expectStatus(await visitor.get(`/reset-password/${reset}`, { accept: 'text/html' }), 200, 'The page of the link');
    const renewed = passwordOf('the new password');
    const complete = { token: reset, password: renewed };
    expectStatus(await visitor.post('/v1/password-resets/complete', complete), 204, 'Setting the new password');
    const guestAgain = await signIn(moved.email, renewed);
    const change = { currentPassword: renewed, password: passwordOf('the changed password') };
    expectStatus(await guestAgain.put('/v1/me/password', change), 204, 'Changing the password');
    const mistyped = { email: moved.email, password: passwordOf('a wrong password') };
    expectStatus(await visitor.post('/v1/sessions', mistyped), 401, 'A wrong password');
    const unknown = { email: addressOf('an unknown person'), password: passwordOf('a password of nobody') };
    expectStatus(await visitor.post('/v1/sessions', unknown), 401, 'An unknown person');

    // Single sign-on, well and badly.
    const codeVerifier = watchToken('a code verifier', randomBytes(32).toString('base64url'));
    const challenge = createHash('sha256').update(codeVerifier).digest('base64url');
    const throughProvider = async (name: string, link = ''): Promise<Answer> => {
      issuer.idToken = async (claims) => watchToken('an ID token', await issuer.sign({ ...claims, name }));
      const browser = new Browser();
      const begin = `${baseUrl}/sso/${customer.slug}/start?codeChallenge=${challenge}${link && `&link=${link}`}`;
      const { url: back } = await browser.press(begin, 'text/html', ({ pathname }) => pathname.endsWith('/callback'));
      watchToken('a state', back.searchParams.get('state') ?? '');
      watchToken('an authorization code', back.searchParams.get('code') ?? '');
      return visitor.get(`${back.pathname}${back.search}`, { cookie: browser.cookiesFor(baseUrl) });
    };
    // A provider's word alone connects nobody: the first time it takes the link of a mail.
    expectStatus(await throughProvider(nameOf('a name not yet known')), 403, 'Single sign-on without a link');
    const link = await linkIn(customerAddress, 'single-sign-on.link', /(cs_link_[\w-]+)/);
    const back = expectStatus(await throughProvider(nameOf('a name at the provider'), link), 200, 'Single sign-on');
    const code = watchToken('a session code', back.body.code);
    const exchanged = expectStatus(await visitor.post('/v1/sessions/sso', { code, codeVerifier }), 201, 'The exchange');
    watchToken('a session by single sign-on', exchanged.body.token);
    const stranger = { sub: search.make('name', 'a subject'), email: addressOf('a stranger at the provider') };
    issuer.claims = stranger;
    expectStatus(await throughProvider(nameOf('a stranger at the provider')), 403, 'A stranger');
    issuer.claims = { nonce: search.make('token', 'a wrong nonce') };
    expectStatus(await throughProvider(nameOf('a forged name')), 401, 'A forged token');

    // What goes wrong.
    const tooLong = { customerId: customer.id, reason: reasonOf('a bad request'), durationSeconds: -1 };
    expectStatus(await agent.http.post('/v1/elevations', tooLong), 400, 'A bad request');
    const json = { 'content-type': 'application/json' };
    const broken = `{"name": "${search.make('name', 'broken JSON')}", "password": ${search.make('password', 'broken JSON')}`;
    expectStatus(await carl.http.post(`${settings}/groups`, broken, json), 400, 'Broken JSON');
    const asText = { 'content-type': search.make('header', 'a content type') };
    expectStatus(await carl.http.post(`${settings}/groups`, search.make('name', 'a text'), asText), 415, 'A text');
    expectStatus(await carl.http.get(`/v1/${search.make('name', 'an address that is none')}`), 404, 'No such route');
    expectStatus(
      await new HttpClient(baseUrl, `cs_session_${search.make('token', 'a wrong token')}`).get('/v1/me'),
      401,
      'A wrong token',
    );
    const inQuery = `/v1/me?access_token=${search.make('token', 'a token in the address')}`;
    expectStatus(await visitor.get(inQuery), 401, 'A token in the address');
    expectStatus(
      await visitor.get(`/sso/${customer.slug}/callback?code=${search.make('token', 'a stray code')}&state=x`),
      400,
      'A code',
    );
    const basic = { authorization: `Basic ${search.make('token', 'basic credentials')}` };
    expectStatus(await visitor.get('/v1/me', basic), 401, 'Basic');
    await withTableAway(database, 'group', async () => {
      const body = { name: nameOf('a group in a fault') };
      expectStatus(await carl.http.post(`${settings}/groups`, body), 500, 'A fault');
    });
    await withTableAway(database, 'credential', async () => {
      const body = { email: addressOf('an address in a fault'), password: passwordOf('a password in a fault') };
      expectStatus(await visitor.post('/v1/sessions', body), 500, 'A fault at sign-in');
    });

    // The support team: reasons that must be recorded.
    const leaving = { reason: reasonOf('a removed account') };
    expectStatus(await support.request('DELETE', `/v1/accounts/${requester.accountId}`, leaving), 204, 'Removing');
    const member = `${settings}/members/${guestHere.memberId}`;
    await carl.http.request('DELETE', member, { reason: reasonOf('a removed member') });

    await eventually(async () => {
      const { body } = await carl.http.get(`${settings}/invites?status=failed`);
      if (body.items.length === 0) throw new Error('The invite to nowhere has not failed yet');
    }, 60_000);
    return refusals;
  } finally {
    await issuer.stop();
  }
}

/** A fault of ours that no input can provoke: for the time of the work a table is not where it should be. */
async function withTableAway(database: Database, table: string, work: () => Promise<void>): Promise<void> {
  const rename = (from: string, to: string) =>
    database.transaction(asSystem, async (em) => {
      await em.execute('set local role none');
      await em.execute(`alter table "${from}" rename to "${to}"`);
    });
  await rename(table, `${table}_away`);
  try {
    await work();
  } finally {
    await rename(`${table}_away`, table);
  }
}
