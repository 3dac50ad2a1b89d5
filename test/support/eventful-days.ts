import { addMember, createCustomer, createPartner, type OrganizationWithFirst, type Person } from './people.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** A partner with two customers, and all that may happen to who has access to them. */
export interface EventfulDays {
  partner: OrganizationWithFirst;
  customers: OrganizationWithFirst[];
  people: Person[];
  /** One thing that somebody does, allowed or not. */
  happen(): Promise<void>;
}

const partnerRoles = ['partner_full_administrator', 'partner_administrator', 'partner_read_only_administrator'];
const helpDeskRoles = ['help_desk_basic', 'help_desk_advanced'];
const ownRoles = ['full_administrator', 'read_only_administrator', 'device_administrator', 'compliance_officer'];
const workspaceRoles = ['full_access', 'limited_access', 'read_only', null];
const features = ['devices', 'workspace.export_logs', 'users.claim', 'troubleshooting'];

export async function setEventfulDays(world: World, random: Random): Promise<EventfulDays> {
  const partner = await createPartner(world);
  const harbour = await createCustomer(world, partner, 'Harbour');
  const quarry = await createCustomer(world, partner, 'Quarry');
  const stranger = await createPartner(world, 'Outside');
  const customers = [harbour, quarry];
  const agents: Person[] = [];
  for (const administratorRoles of [['help_desk_advanced'], ['help_desk_basic'], ['partner_administrator']])
    agents.push(await addMember(world, partner, { administratorRoles }));
  const outsider = await addMember(world, stranger, { administratorRoles: ['partner_administrator'] });
  const staff: Person[] = [];
  for (const customer of customers) staff.push(await addMember(world, customer));

  const one = <T>(items: readonly T[]): T => {
    const item = items[random.below(items.length)];
    if (item === undefined) throw new Error('There is nothing to choose from');
    return item;
  };
  const some = <T>(items: readonly T[]): T[] => items.filter(() => random.next() < 0.4);
  const memberPath = ({ organizationId, memberId }: Person) =>
    `/v1/organizations/${organizationId}/members/${memberId}`;
  const elevations: string[] = [];
  const sessions: string[] = [];
  const requests: { id: string; customer: OrganizationWithFirst }[] = [];

  const acts: (() => Promise<unknown>)[] = [
    () =>
      partner.first.http.put(`${memberPath(one(agents))}/administrator-roles`, {
        roles: some([...partnerRoles, ...helpDeskRoles]),
      }),
    () => partner.first.http.put(`${memberPath(one(agents))}/administrator-roles`, { roles: helpDeskRoles }),
    async () => {
      const person = one(staff);
      const customer = customers.find(({ id }) => id === person.organizationId);
      await customer?.first.http.put(`${memberPath(person)}/administrator-roles`, { roles: some(ownRoles) });
      await partner.first.http.put(`${memberPath(person)}/administrator-roles`, { roles: some(ownRoles.slice(1)) });
    },
    async () => {
      const person = one(staff);
      const customer = customers.find(({ id }) => id === person.organizationId);
      await customer?.first.http.patch(memberPath(person), { workspaceRole: one(workspaceRoles) ?? 'restricted' });
      if (random.next() < 0.3) await customer?.first.http.delete(`${memberPath(person)}/workspace-role`);
    },
    () =>
      partner.first.http.put(`/v1/organizations/${one(customers).id}/restricted-mode`, {
        enabled: random.next() < 0.5,
      }),
    () =>
      world.support.patch(`/v1/organizations/${one(customers).id}`, {
        features: { [one(features)]: random.next() < 0.5 },
      }),
    () =>
      partner.first.http.put(`${memberPath(one(agents))}/customers`, {
        customerIds: some(customers).map(({ id }) => id),
      }),
    () => one(agents).http.post(`/v1/organizations/${one(customers).id}/service-setups`, {}),
    async () => {
      const [agent, customer] = [one(agents), one(customers)];
      const asked = await agent.http.post('/v1/elevations', {
        customerId: customer.id,
        reason: 'Calls drop',
        durationSeconds: one([1, 60]),
      });
      if (asked.status !== 201) return;
      const decided = await customer.first.http.post(`/v1/elevations/${asked.body.id}/approve`, {});
      if (decided.status === 200) elevations.push(asked.body.id);
    },
    async () => {
      const id = elevations.pop();
      const by = one([...agents, ...customers.map(({ first }) => first)]);
      if (id) await by.http.post(`/v1/elevations/${id}/${one(['return', 'revoke'])}`, {});
    },
    async () => {
      const opened = await one(agents).http.post('/v1/help-desk-sessions', {
        customerId: one(customers).id,
        reason: 'A look',
      });
      if (opened.status === 201) sessions.push(opened.body.id);
    },
    async () => {
      const id = sessions.pop();
      if (id) await one(customers).first.http.post(`/v1/help-desk-sessions/${id}/revoke`, {});
    },
    async () => {
      const customer = one(customers);
      const asked = await outsider.http.post('/v1/external-administrator-requests', {
        customerId: customer.id,
        reason: 'Order 4711',
      });
      if (asked.status === 201) requests.push({ id: asked.body.id, customer });
    },
    async () => {
      const open = requests.pop();
      await open?.customer.first.http.post(`/v1/external-administrator-requests/${open.id}/approve`, {
        email: outsider.email,
        role: one(['full_administrator', 'read_only_administrator']),
        ...(random.next() < 0.5 && { until: new Date(Date.now() + 1_500).toISOString() }),
      });
    },
    async () => {
      const customer = one(customers);
      const path = `/v1/organizations/${customer.id}/external-administrators`;
      const { body } = await customer.first.http.get(path);
      const [held] = body.items ?? [];
      if (!held) return;
      if (random.next() < 0.5) await customer.first.http.delete(`${path}/${held.id}`);
      else
        await customer.first.http.patch(`${path}/${held.id}`, {
          role: one(['full_administrator', 'read_only_administrator']),
        });
    },
  ];
  return {
    partner,
    customers,
    people: [partner.first, stranger.first, outsider, ...customers.map(({ first }) => first), ...agents, ...staff],
    async happen() {
      await one(acts)();
    },
  };
}
