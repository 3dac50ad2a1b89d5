import type { MailCatcher } from '#local-stack';
import { DemoClient, ProblemAnswer } from './client.ts';

/** For a laptop only: the service listens to this machine alone where it is used. */
export const demoPassword = 'open-sesame-2026';

export type DemoPeople = { email: string; what: string }[];

const partner = {
  name: 'Northwind Services',
  slug: 'northwind',
  email: 'paula@northwind.example',
  displayName: 'Paula Adams',
};
const agent = { email: 'grace@northwind.example', displayName: 'Grace Park' };
const customer = {
  name: 'Harbour Logistics',
  slug: 'harbour',
  email: 'maria@harbour.example',
  displayName: 'Maria Lindqvist',
};

const people: DemoPeople = [
  { email: partner.email, what: `${partner.displayName}, administrator of the partner ${partner.name}` },
  { email: agent.email, what: `${agent.displayName}, help-desk agent of ${partner.name}` },
  { email: customer.email, what: `${customer.displayName}, administrator of the customer ${customer.name}` },
];

interface Id {
  id: string;
}

/** Makes a partner, its help-desk agent and a customer through the public API, unless they are there from before. */
export async function seedDemoPeople(baseUrl: string, supportToken: string, mails: MailCatcher): Promise<DemoPeople> {
  const visitor = new DemoClient(baseUrl);
  const support = visitor.as(supportToken);
  const cast = new DemoCast(visitor, mails);

  const firstOf = ({ name, slug, email, displayName }: typeof partner) => ({
    name,
    slug,
    loginMethods: ['password'],
    firstAdministrator: { email, displayName },
  });
  let partnerId: string;
  try {
    ({ id: partnerId } = await support.post<Id>('/v1/organizations', { kind: 'partner', ...firstOf(partner) }));
  } catch (error) {
    if (error instanceof ProblemAnswer && error.code === 'slug_taken') return people;
    throw error;
  }
  const paula = await cast.join(partner.email, partner.displayName);
  await paula.post(`/v1/organizations/${partnerId}/customers`, firstOf(customer));
  await paula.post(`/v1/organizations/${partnerId}/invites`, {
    email: agent.email,
    displayName: agent.displayName,
    workspaceRole: 'limited_access',
  });
  await cast.join(agent.email, agent.displayName);
  await cast.join(customer.email, customer.displayName);
  const { items } = await paula.get<{ items: { id: string; account: { email: string } }[] }>(
    `/v1/organizations/${partnerId}/members`,
  );
  const grace = items.find((member) => member.account.email === agent.email);
  if (grace)
    await paula.put(`/v1/organizations/${partnerId}/members/${grace.id}/administrator-roles`, {
      roles: ['help_desk_advanced'],
    });
  return people;
}

/** People who read their mail and act on it. */
export class DemoCast {
  constructor(
    private readonly visitor: DemoClient,
    private readonly mails: MailCatcher,
  ) {}

  /** Follows the link of the sign-up mail, makes the account and signs in. */
  async join(email: string, displayName: string): Promise<DemoClient> {
    const mail = await this.mails.waitForMail({ to: email, kind: 'invite.sign-up' }, 30_000);
    const token = /\/invites\/(cs_invite_[\w-]+)/.exec(mail.text ?? '')?.[1];
    const username = email.replace(/@.*/, '').concat('.', email.replace(/^.*@/, '').replace(/\..*/, ''));
    await this.visitor.post('/v1/invites/accept', { token, username, password: demoPassword, displayName });
    return this.signIn(email);
  }

  async signIn(email: string): Promise<DemoClient> {
    const session = await this.visitor.post<{ token: string }>('/v1/sessions', { email, password: demoPassword });
    return this.visitor.as(session.token);
  }
}
