import { openSession } from '#identity';
import { Account, asSystem } from '#persistence';
import { organization, person, relationship, service, type Cast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import type { Answer, HttpClient } from '../support/http-client.ts';
import type { World } from '../support/world.ts';

/** Ids of rows that exist, by the name of the parameter or of the field in a body. */
export type KnownValues = Readonly<Record<string, readonly string[]>>;

/** Somebody the API is tried as. */
export interface Actor {
  name: string;
  /** What this one meets most. */
  known: KnownValues;
  /** Null: without any. */
  token: string | null;
  /** A second session that signing out may end. */
  expendableToken: string | null;
}

/**
 * Organizations with everything that has an id in several states, so that generated requests meet real rows. Whoever the
 * API is tried as is not among the known members and accounts: others are there to be removed.
 */
export async function setConformanceStage(world: World): Promise<Actor[]> {
  const partnerId = await organization(world, 'partner', { name: 'Northwind' });
  const otherPartnerId = await organization(world, 'partner', { name: 'Southwind' });
  const customerIds = await Promise.all(
    ['Harbour', 'Lighthouse', 'Shipyard', 'Sandbank'].map((name) => organization(world, 'customer', { name })),
  );
  const [harbour = '', lighthouse = '', , sandbank = ''] = customerIds;
  const relationshipIds = [];
  for (const customerId of customerIds) relationshipIds.push(await relationship(world, partnerId, customerId));

  const admin = await person(world, 'Ada Admin', [
    { in: harbour, roles: ['full_administrator'], workspaceRole: 'owner' },
    { in: lighthouse, roles: ['full_administrator'], workspaceRole: 'owner' },
    { in: sandbank, roles: ['full_administrator'], workspaceRole: 'owner' },
  ]);
  const agent = await person(world, 'Alan Agent', [
    { in: partnerId, roles: ['help_desk_advanced', 'partner_administrator'] },
  ]);
  const partnersAdmin = await person(world, 'Priya Partner', [
    { in: partnerId, roles: ['full_administrator', 'partner_full_administrator'], workspaceRole: 'owner' },
  ]);
  const requester = await person(world, 'Grace Asker', [{ in: otherPartnerId, roles: ['partner_administrator'] }]);
  const otherAgents = await Promise.all(
    ['Bela', 'Carla', 'Dora', 'Emil'].map((name) =>
      person(world, `${name} Agent`, [{ in: partnerId, roles: ['help_desk_advanced'] }]),
    ),
  );
  const teammates = await Promise.all(
    customerIds.flatMap((customerId) =>
      [1, 2, 3, 4].map((number) =>
        person(world, `Teammate ${number}`, [
          {
            in: customerId,
            roles: number === 1 ? ['full_administrator'] : number === 2 ? ['support_administrator'] : [],
            workspaceRole: number === 3 ? 'read_only' : 'limited_access',
          },
        ]),
      ),
    ),
  );

  const elevationIds: string[] = [];
  const verbs = ['', 'approve', 'deny', 'cancel', 'approve+revoke', 'approve+return'];
  for (const [index, verb] of verbs.entries()) {
    const by = otherAgents[index % otherAgents.length] ?? agent;
    const customerId = index < otherAgents.length ? harbour : lighthouse;
    const id = await made(by.http, '/v1/elevations', { customerId, reason: 'Phones do not register' });
    elevationIds.push(id);
    for (const step of verb.split('+').filter((one) => one !== '')) {
      const who = step === 'cancel' || step === 'return' ? by : admin;
      await done(who.http.post(`/v1/elevations/${id}/${step}`, {}));
    }
  }

  const helpDeskSessionIds = [];
  for (const [index, by] of otherAgents.entries()) {
    const id = await made(by.http, '/v1/help-desk-sessions', { customerId: harbour, reason: 'Calls drop' });
    helpDeskSessionIds.push(id);
    if (index === 0) await done(by.http.post(`/v1/help-desk-sessions/${id}/return`));
  }

  const requests = '/v1/external-administrator-requests';
  const requestIds = [];
  for (const [customerId, verb] of [
    [harbour, 'approve'],
    [lighthouse, ''],
    [lighthouse, 'deny'],
  ] as const) {
    const by = verb === 'deny' ? partnersAdmin : requester;
    const answer = await by.http.post(requests, { customerId, reason: 'Order 4711: we set it up' });
    if (answer.status !== 201) continue;
    requestIds.push(answer.body.id);
    if (verb === 'approve')
      await done(
        admin.http.post(`${requests}/${answer.body.id}/approve`, { email: by.email, role: 'full_administrator' }),
      );
    if (verb === 'deny') await done(admin.http.post(`${requests}/${answer.body.id}/deny`, {}));
  }

  const inside = `/v1/organizations/${harbour}`;
  const inviteIds = [];
  for (const number of [1, 2, 3]) {
    inviteIds.push(
      await made(admin.http, `${inside}/invites`, {
        email: `new-${number}@harbour.example`,
        workspaceRole: 'read_only',
      }),
    );
  }
  await done(admin.http.post(`${inside}/invites/${inviteIds[0]}/cancel`));
  const batch = await admin.http.post(`${inside}/invites/batch`, {
    invites: [{ email: 'many@harbour.example', workspaceRole: 'read_only' }, { email: 'none' }],
  });
  const groupIds = [];
  for (const kind of ['groups', 'teams']) {
    for (const name of ['Stockholm', 'Bergen']) groupIds.push(await made(admin.http, `${inside}/${kind}`, { name }));
  }
  const keyIds = [await made(admin.http, `${inside}/api-keys`, { name: 'One' })];
  const [harbourMate] = teammates;
  const alias = 'second@harbour.example';
  await done(admin.http.post(`${inside}/members/${harbourMate?.memberIds[harbour]}/aliases`, { address: alias }));

  const ends = await Promise.all([1, 2, 3].map(() => furtherSession(world, admin.accountId)));
  const serviceKey = await service(world, harbour, ['full_administrator']);
  await eventually(async () => {
    const trail = await admin.http.get(`${inside}/audit-events?limit=5`);
    if (!trail.body.items.some(({ position }: { position: number | null }) => position !== null))
      throw new Error('Nothing is sealed yet');
  });

  const grants = await admin.http.get('/v1/grants?limit=100');
  const shared = {
    customerId: [harbour, harbour, lighthouse],
    partnerId: [partnerId, partnerId, otherPartnerId],
    relationshipId: relationshipIds.slice(2),
    elevationId: elevationIds,
    helpDeskSessionId: helpDeskSessionIds,
    externalAdministratorRequestId: requestIds,
    grantId: grants.body.items.map(({ id }: { id: string }) => id),
    inviteId: inviteIds,
    batchId: [batch.body.id],
    groupId: groupIds,
    apiKeyId: keyIds,
    sessionId: ends.map(({ sessionId }) => sessionId),
    expendableOrganizationId: [sandbank],
    setting: ['devices', 'users_and_licences', 'partner.trials', 'workspace.invite_users'],
    address: [alias],
  };
  const peopleOf = (organizationId: string, people: Cast[]): KnownValues => ({
    memberId: people.flatMap(({ memberIds }) => memberIds[organizationId] ?? []),
    accountId: people.map(({ accountId }) => accountId),
    email: people.map(({ email }) => email),
  });
  const customersSide = {
    ...shared,
    ...peopleOf(harbour, teammates),
    organizationId: [...times(8, harbour), lighthouse, partnerId],
  };
  const partnersSide = {
    ...shared,
    ...peopleOf(partnerId, otherAgents),
    organizationId: [...times(6, partnerId), ...times(3, harbour), otherPartnerId],
  };
  const actor = async (name: string, known: KnownValues, { accountId, http }: Cast): Promise<Actor> => ({
    name,
    known,
    token: tokenOf(http),
    expendableToken: (await furtherSession(world, accountId)).token,
  });
  return [
    await actor('administrator', customersSide, admin),
    await actor("partner's administrator", partnersSide, partnersAdmin),
    await actor('agent', partnersSide, agent),
    { name: 'support team', known: customersSide, token: world.config.supportToken, expendableToken: null },
    { name: 'service', known: customersSide, token: tokenOf(serviceKey), expendableToken: null },
    { name: 'nobody', known: customersSide, token: null, expendableToken: null },
  ];

  async function furtherSession({ database }: World, accountId: string) {
    return database.transaction(asSystem, async (em) => {
      const account = await em.findOneOrFail(Account, { id: accountId });
      return openSession(em, account, { method: 'password', organizationId: null, userAgent: null });
    });
  }
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

async function made(http: HttpClient, path: string, body: object): Promise<string> {
  return (await done(http.post(path, body))).body.id;
}

async function done(answer: Promise<Answer>): Promise<Answer> {
  const { status, body, headers } = await answer;
  if (status >= 300) throw new Error(`Setting the stage answered ${status}: ${JSON.stringify(body)}`);
  return { status, body, headers };
}

function tokenOf(http: HttpClient): string {
  if (http.token === null) throw new Error('Nobody is signed in here');
  return http.token;
}
