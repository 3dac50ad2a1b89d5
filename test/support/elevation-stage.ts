import { asSystem, Elevation, Grant } from '#persistence';
import { organization, person, relationship, type Cast } from './cast.ts';
import type { World } from './world.ts';

/** A partner's agent and a customer's administrators: what a story about elevation begins with. */
export interface ElevationStage {
  partnerId: string;
  customerId: string;
  relationshipId: string;
  agent: Cast;
  partnersAdmin: Cast;
  admin: Cast;
  secondAdmin: Cast;
  /** Everybody, to name recipients of mails. */
  everybody: Cast[];
}

export async function setElevationStage(
  world: Pick<World, 'database' | 'baseUrl'>,
  policy: Record<string, number> = {},
): Promise<ElevationStage> {
  const partnerId = await organization(world, 'partner', { name: 'Northwind' });
  const customerId = await organization(world, 'customer', { name: 'Harbour', policy });
  const relationshipId = await relationship(world, partnerId, customerId);
  const agent = await person(world, 'Agent', [{ in: partnerId, roles: ['help_desk_advanced'] }]);
  const partnersAdmin = await person(world, 'Partner admin', [{ in: partnerId, roles: ['full_administrator'] }]);
  const admin = await person(world, 'Admin', [{ in: customerId, roles: ['full_administrator'] }]);
  const secondAdmin = await person(world, 'Second admin', [{ in: customerId, roles: ['full_administrator'] }]);
  return {
    partnerId,
    customerId,
    relationshipId,
    agent,
    partnersAdmin,
    admin,
    secondAdmin,
    everybody: [agent, partnersAdmin, admin, secondAdmin],
  };
}

export async function askFor(
  { agent, customerId }: ElevationStage,
  { by = agent, ...more }: { by?: Cast; durationSeconds?: number; reason?: string; ticket?: string } = {},
): Promise<string> {
  const asked = await by.http.post('/v1/elevations', { customerId, reason: 'Phones do not register', ...more });
  if (asked.status !== 201) throw new Error(`Asking answered ${asked.status}: ${JSON.stringify(asked.body)}`);
  return asked.body.id;
}

export async function decide(who: Cast, elevationId: string, verb: string, body: object = {}): Promise<void> {
  const answer = await who.http.post(`/v1/elevations/${elevationId}/${verb}`, body);
  if (answer.status !== 200) throw new Error(`${verb} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
}

/** What is written down, whatever is shown: `approved, grant expired`. */
export async function storedState({ database }: Pick<World, 'database'>, elevationId: string): Promise<string> {
  return database.transaction(asSystem, async (em) => {
    const elevation = await em.findOneOrFail(Elevation, { id: elevationId });
    const grant = await em.findOne(Grant, { sourceId: elevationId });
    return grant ? `${elevation.status}, grant ${grant.status}` : elevation.status;
  });
}

/** Kinds and people of the mails about an elevation that was approved by the first administrator and ran out. */
export const everyMailOnce = [
  'elevation.approved to Agent',
  'elevation.approved to Second admin',
  'elevation.ended to Admin',
  'elevation.ended to Agent',
  'elevation.ended to Second admin',
  'elevation.requested to Admin',
  'elevation.requested to Second admin',
];
