import { asSystem, AuditEvent, Organization } from '#persistence';
import { organization, person, type Cast } from './cast.ts';
import type { Answer } from './http-client.ts';
import type { World } from './world.ts';

/** A partner that manages no customer, and what a story about external administrators is told with. */
export interface ExternalAdministratorStage {
  partnerId: string;
  partnersAdmin: Cast;
  /** A partner administrator of this partner, or of another. */
  requester(displayName?: string, of?: string): Promise<Cast>;
  /** A customer with its full administrator and, where wanted, a domain. */
  customer(wanted?: { name?: string; domain?: string }): Promise<Customer>;
  alter(customerId: string, changes: Partial<Changeable>): Promise<void>;
  /** Events about the request that an organization has on record, oldest first. */
  trail(organizationId: string, requestId: string): Promise<AuditEvent[]>;
  /** The same as `external-administrator.approved success`. */
  actionsOf(organizationId: string, requestId: string): Promise<string[]>;
}

export interface Customer {
  id: string;
  name: string;
  admin: Cast;
}

type Changeable = Pick<Organization, 'domains' | 'provenDomains' | 'policy'>;

export async function setExternalAdministratorStage(
  world: Pick<World, 'database' | 'baseUrl'>,
): Promise<ExternalAdministratorStage> {
  const partnerId = await organization(world, 'partner', { name: 'Northwind' });
  const partnersAdmin = await person(world, 'Priya Partner', [
    { in: partnerId, roles: ['full_administrator', 'partner_full_administrator'] },
  ]);
  const alter = (id: string, changes: Partial<Changeable>) =>
    world.database.transaction(asSystem, async (em) => {
      em.assign(await em.findOneOrFail(Organization, { id }), changes);
    });
  const trail = (organizationId: string, requestId: string) =>
    world.database.transaction(asSystem, async (em) =>
      (await em.find(AuditEvent, {}, { orderBy: { recordedOrder: 'asc' } })).filter(
        (event) => event.organizationIds.includes(organizationId) && event.subject.id === requestId,
      ),
    );
  return {
    partnerId,
    partnersAdmin,
    requester: (displayName = 'Grace Requester', of = partnerId) =>
      person(world, displayName, [{ in: of, roles: ['partner_administrator'] }]),
    async customer({ name = 'Harbour', domain } = {}) {
      const id = await organization(world, 'customer', { name });
      if (domain) await alter(id, { domains: [domain], provenDomains: [domain] });
      return { id, name, admin: await person(world, `${name} Admin`, [{ in: id, roles: ['full_administrator'] }]) };
    },
    alter,
    trail,
    actionsOf: async (organizationId, requestId) =>
      (await trail(organizationId, requestId)).map(({ action, outcome }) => `${action} ${outcome}`),
  };
}

export const requests = '/v1/external-administrator-requests';

export const ask = (who: Cast, body: Record<string, unknown>): Promise<Answer> =>
  who.http.post(requests, { reason: 'Order 4711: we set the services up', ...body });

/** As `ask`, where asking is not what the story is about. */
export async function asked(who: Cast, body: Record<string, unknown>): Promise<string> {
  const answer = await ask(who, body);
  if (answer.status !== 201) throw new Error(`Asking answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

export const approve = (
  by: Cast,
  id: string,
  who: Pick<Cast, 'email'>,
  more: Record<string, unknown> = {},
): Promise<Answer> =>
  by.http.post(`${requests}/${id}/approve`, { email: who.email, role: 'full_administrator', ...more });

/** The external administrators of an organization, as this person sees them. */
export const listed = (by: Cast, organizationId: string): Promise<Answer> =>
  by.http.get(`/v1/organizations/${organizationId}/external-administrators`);

/** What was answered, as `403 role_not_available`. */
export const code = ({ status, body }: Answer): string => `${status} ${body.code}`;

export const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
