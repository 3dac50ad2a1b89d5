import { randomUUID } from 'node:crypto';
import {
  apiKeyScopes,
  type AdministratorRole,
  type OrganizationKind,
  type RelationshipOrigin,
  type WorkspaceRole,
} from '#access';
import { newToken, tokenDigest } from '#identity';
import {
  Account,
  Address,
  ApiKey,
  asSystem,
  databaseNow,
  type EntityManager,
  Membership,
  Organization,
  Relationship,
  RoleAppointment,
  Session,
} from '#persistence';
import { HttpClient } from './http-client.ts';
import type { World } from './world.ts';

/**
 * People and organizations written straight into the database, signed in: for tests that need many of them and are not
 * about how they came. `people.ts` does the same through the invites.
 */
export interface Cast {
  accountId: string;
  /** By organization. */
  memberIds: Readonly<Record<string, string>>;
  email: string;
  displayName: string;
  http: HttpClient;
}

export interface Place {
  in: string;
  roles?: AdministratorRole[];
  workspaceRole?: WorkspaceRole;
  kind?: 'home' | 'external';
}

type Stage = Pick<World, 'database' | 'baseUrl'>;

export async function organization(
  { database }: Stage,
  kind: OrganizationKind,
  {
    name = `${kind} ${randomUUID().slice(0, 8)}`,
    policy = {},
  }: { name?: string; policy?: Record<string, number> } = {},
): Promise<string> {
  return database.transaction(asSystem, async (em) => {
    const created = em.create(Organization, {
      kind,
      name,
      slug: `${kind}-${randomUUID()}`,
      loginMethods: ['password'],
      policy,
    });
    await em.flush();
    return created.id;
  });
}

export async function relationship(
  { database }: Stage,
  partnerId: string,
  customerId: string,
  origin: RelationshipOrigin = 'provisioned',
): Promise<string> {
  return database.transaction(asSystem, async (em) => {
    const created = em.create(Relationship, {
      partnerId,
      customerId,
      origin,
      activeFrom: new Date(Date.now() - 60_000),
    });
    await em.flush();
    return created.id;
  });
}

export async function person({ database, baseUrl }: Stage, displayName: string, places: Place[]): Promise<Cast> {
  const email = `${displayName.toLowerCase().replace(/[^a-z]+/g, '-')}-${randomUUID()}@people.example`;
  return database.transaction(asSystem, async (em) => {
    const account = em.create(Account, { displayName, email });
    await em.flush();
    em.create(Address, { address: email, accountId: account.id, kind: 'primary', verifiedAt: new Date() });
    const memberships = places.map(({ in: organizationId, roles = [], workspaceRole = 'full_access', kind = 'home' }) =>
      em.create(Membership, {
        organizationId,
        accountId: account.id,
        kind,
        workspaceRole: kind === 'home' ? workspaceRole : null,
        administratorRoles: roles,
      }),
    );
    await em.flush();
    for (const membership of memberships) appointAsFounding(em, membership);
    await em.flush();
    const token = newToken('cs_session');
    const now = await databaseNow(em);
    // Straight into the table, like the rest of the stage: the trail begins with the story.
    em.create(Session, {
      accountId: account.id,
      tokenDigest: tokenDigest(token),
      method: 'password',
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: new Date(now.getTime() + 12 * 3600_000),
      createdAt: now,
    });
    return {
      accountId: account.id,
      memberIds: Object.fromEntries(memberships.map((membership) => [membership.organizationId, membership.id])),
      email,
      displayName,
      http: new HttpClient(baseUrl, token),
    };
  });
}

/** Nobody asks who appointed the people of a story that is not about it: home administrators were there from the start. */
function appointAsFounding(em: EntityManager, { id, organizationId, accountId, administratorRoles, kind }: Membership) {
  for (const role of administratorRoles) {
    em.create(RoleAppointment, {
      membershipId: id,
      organizationId,
      accountId,
      role,
      givenByKind: 'support',
      byRight: 'founding',
      founding: kind === 'home',
      givenAt: new Date(),
    });
  }
}

/** A service of the organization, for every scope; it answers to a full administrator there. */
export async function service(stage: Stage, organizationId: string, roles: AdministratorRole[]): Promise<HttpClient> {
  const token = newToken('cs_key');
  const responsible = await responsibleIn(stage, organizationId);
  await stage.database.transaction(asSystem, async (em) => {
    em.create(ApiKey, {
      organizationId,
      name: 'Provisioning',
      tokenDigest: tokenDigest(token),
      administratorRoles: roles,
      scopes: [...apiKeyScopes],
      createdByAccountId: responsible,
      responsibleId: responsible,
      expiresAt: new Date(Date.now() + 24 * 3600_000),
    });
  });
  return new HttpClient(stage.baseUrl, token);
}

async function responsibleIn(stage: Stage, organizationId: string): Promise<string> {
  const administrator = await stage.database.transaction(asSystem, (em) =>
    em.findOne(Membership, {
      organizationId,
      kind: 'home',
      removedAt: null,
      administratorRoles: { $contains: ['full_administrator'] },
    }),
  );
  if (administrator) return administrator.accountId;
  const made = await person(stage, 'Responsible', [{ in: organizationId, roles: ['full_administrator'] }]);
  return made.accountId;
}

/** Kind and recipient of every mail about the row, sorted; a mail that came twice is in it twice. */
export function mailsAbout({ mail }: Pick<World, 'mail'>, rowId: string, people: Cast[]): string[] {
  const nameOf = (address: string | undefined) => people.find((one) => one.email === address)?.displayName ?? address;
  return mail
    .mails()
    .filter((one) => one.text.includes(rowId))
    .map((one) => `${one.kind} to ${nameOf(one.to[0])}`)
    .sort();
}
