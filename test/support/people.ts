import { HttpClient } from './http-client.ts';
import type { World } from './world.ts';

/** What of a service the people need. */
export type Servers = Pick<World, 'baseUrl' | 'mail' | 'support' | 'visitor'>;

export interface Person {
  accountId: string;
  memberId: string;
  organizationId: string;
  email: string;
  displayName: string;
  password: string;
  http: HttpClient;
}

export interface OrganizationWithFirst {
  id: string;
  slug: string;
  first: Person;
}

export const testPassword = 'a quiet river in June';
let counter = 0;
const unique = () => `${Date.now().toString(36)}${(counter += 1)}`;

/** The token in the link of the mail that leads to accepting. */
export async function inviteTokenFor(world: Servers, email: string): Promise<string> {
  const mail = await world.mail.waitForMail({ to: email, kind: 'invite.sign-up' }, 15_000);
  const token = /\/invites\/(cs_invite_[\w-]+)/.exec(mail.text ?? '')?.[1];
  if (!token) throw new Error(`No link in the mail to ${email}`);
  return token;
}

/** Reads the mail, makes the account, signs in. */
export async function acceptInvite(
  world: Servers,
  email: string,
  displayName: string,
  organizationId: string,
): Promise<Person> {
  const token = await inviteTokenFor(world, email);
  const accepted = await world.visitor.post('/v1/invites/accept', {
    token,
    username: `user-${unique()}`,
    password: testPassword,
    displayName,
  });
  if (accepted.status !== 200)
    throw new Error(`Accepting answered ${accepted.status}: ${JSON.stringify(accepted.body)}`);
  return {
    accountId: accepted.body.accountId,
    memberId: accepted.body.memberId,
    organizationId,
    email,
    displayName,
    password: testPassword,
    http: await signIn(world, email),
  };
}

export async function signIn(world: Servers, email: string, password = testPassword): Promise<HttpClient> {
  const session = await world.visitor.post('/v1/sessions', { email, password });
  if (session.status !== 201) throw new Error(`Signing in answered ${session.status}: ${JSON.stringify(session.body)}`);
  return new HttpClient(world.baseUrl, session.body.token);
}

const organizationOf = (name: string) => {
  const slug = `${name.toLowerCase().replace(/[^a-z]+/g, '-')}-${unique()}`;
  const email = `first@${slug}.example`;
  return {
    slug,
    email,
    body: { name, slug, loginMethods: ['password'], firstAdministrator: { email, displayName: `${name} First` } },
  };
};

export async function createPartner(world: Servers, name = 'Northwind'): Promise<OrganizationWithFirst> {
  const { slug, email, body } = organizationOf(name);
  const created = await world.support.post('/v1/organizations', { kind: 'partner', ...body });
  if (created.status !== 201) throw new Error(`Creating answered ${created.status}: ${JSON.stringify(created.body)}`);
  return { id: created.body.id, slug, first: await acceptInvite(world, email, `${name} First`, created.body.id) };
}

/** A customer of the partner, with its first administrator signed in; `meanwhile`: before anybody is there. */
export async function createCustomer(
  world: Servers,
  partner: OrganizationWithFirst,
  name = 'Harbour',
  meanwhile: (customerId: string) => Promise<unknown> = async () => {},
): Promise<OrganizationWithFirst> {
  const { slug, email, body } = organizationOf(name);
  const created = await partner.first.http.post(`/v1/organizations/${partner.id}/customers`, body);
  if (created.status !== 201) throw new Error(`Creating answered ${created.status}: ${JSON.stringify(created.body)}`);
  await meanwhile(created.body.id);
  return { id: created.body.id, slug, first: await acceptInvite(world, email, `${name} First`, created.body.id) };
}

/** Invites somebody as a teammate, lets them accept, and gives them administrator roles. */
export async function addMember(
  world: Servers,
  organization: OrganizationWithFirst,
  {
    administratorRoles = [],
    workspaceRole = 'full_access',
    displayName = `Member ${unique()}`,
  }: { administratorRoles?: string[]; workspaceRole?: string; displayName?: string } = {},
): Promise<Person> {
  const email = `member-${unique()}@${organization.slug}.example`;
  const invited = await organization.first.http.post(`/v1/organizations/${organization.id}/invites`, {
    email,
    displayName,
    workspaceRole,
  });
  if (invited.status !== 201) throw new Error(`Inviting answered ${invited.status}: ${JSON.stringify(invited.body)}`);
  const person = await acceptInvite(world, email, displayName, organization.id);
  if (administratorRoles.length > 0) await setAdministratorRoles(organization, person, administratorRoles);
  return person;
}

export async function setAdministratorRoles(
  organization: OrganizationWithFirst,
  person: Person,
  roles: string[],
): Promise<void> {
  const assigned = await organization.first.http.put(
    `/v1/organizations/${organization.id}/members/${person.memberId}/administrator-roles`,
    { roles },
  );
  if (assigned.status !== 200)
    throw new Error(`Assigning answered ${assigned.status}: ${JSON.stringify(assigned.body)}`);
}

/** "May they do this now?", asked by the person about themselves. */
export async function mayWrite(
  person: Pick<Person, 'accountId' | 'http'>,
  organizationId: string,
  setting = 'devices',
): Promise<boolean> {
  const answer = await person.http.post('/access/v1/evaluation', {
    subject: { type: 'account', id: person.accountId },
    action: { name: 'write' },
    resource: { type: 'setting', id: setting, properties: { organizationId } },
  });
  if (answer.status !== 200) throw new Error(`Evaluation answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.decision;
}
