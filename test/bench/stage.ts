import { organization, person, relationship, type Cast } from '../support/cast.ts';
import type { Api } from './servers.ts';

/** One agent and one administrator of a customer: a pair that can have one request open at a time. */
export interface Desk {
  customerId: string;
  agent: Cast;
  admin: Cast;
}

export interface Stage {
  partnerId: string;
  agents: Cast[];
  customers: { id: string; admin: Cast }[];
  /** So many desks; where there are as many agents and customers, the first ones share nobody. */
  desks(count: number): Desk[];
}

/** One partner with so many help-desk agents, and so many customers with one administrator each. */
export async function setStage(api: Api, { agents, customers }: { agents: number; customers: number }): Promise<Stage> {
  const partnerId = await organization(api, 'partner', { name: 'Northwind' });
  const asking: Cast[] = [];
  for (let index = 0; index < agents; index += 1)
    asking.push(await person(api, `Agent ${index}`, [{ in: partnerId, roles: ['help_desk_advanced'] }]));
  const asked: Stage['customers'] = [];
  for (let index = 0; index < customers; index += 1) {
    const id = await organization(api, 'customer', { name: `Harbour ${index}` });
    await relationship(api, partnerId, id);
    asked.push({ id, admin: await person(api, `Admin ${index}`, [{ in: id, roles: ['full_administrator'] }]) });
  }
  const all = asking.flatMap((_, shift) =>
    asked.map(({ id, admin }, index): Desk => {
      const agent = asking[(index + shift) % asking.length];
      if (!agent) throw new Error('A desk needs an agent');
      return { customerId: id, agent, admin };
    }),
  );
  return {
    partnerId,
    agents: asking,
    customers: asked,
    desks(count) {
      if (count > all.length) throw new Error(`The stage has ${all.length} desks, not ${count}`);
      return all.slice(0, count);
    },
  };
}
