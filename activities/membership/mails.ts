import { isAdministratorRole, isWorkspaceRole, roleLabels } from '#access';
import { AuditEvent, Organization, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** What was done about somebody, read from the event that recorded it. */
async function tell(em: EntityManager, eventId: string) {
  const event = await em.findOneOrFail(AuditEvent, { id: eventId });
  const [organizationId = ''] = event.organizationIds;
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const actorName = event.actor.id ? event.personal?.names?.[event.actor.id] : undefined;
  return { event, organization, actorName: actorName ?? 'The support team' };
}

async function personConcerned(em: EntityManager, eventId: string): Promise<Addressees> {
  const { facts, organizationIds } = await em.findOneOrFail(AuditEvent, { id: eventId });
  const accountId = facts['accountId'];
  return { recipients: typeof accountId === 'string' ? [person(accountId)] : [], organizationIds };
}

/** A role, several, or the flag that opens encrypted logs, in words. */
function inWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Decrypt logs: on' : 'Decrypt logs: off';
  const roles = (Array.isArray(value) ? value : [value]).filter((role) => typeof role === 'string');
  const labels = roles.map((role) => (isWorkspaceRole(role) || isAdministratorRole(role) ? roleLabels[role] : role));
  return labels.length > 0 ? labels.join('; ') : 'No role';
}

export const membershipMails: Concerns = {
  'membership.roles-changed': {
    recipients: personConcerned,
    async variables(em, delivery, { publicUrl }) {
      const { event, organization, actorName } = await tell(em, delivery.rowId);
      return {
        organizationName: organization.name,
        changedByName: actorName,
        before: inWords(event.facts['from']),
        after: inWords(event.facts['to']),
        changedAt: event.at.toISOString(),
        url: `${publicUrl}/`,
      };
    },
  },
  'membership.removed': {
    recipients: personConcerned,
    async variables(em, delivery) {
      const { event, organization, actorName } = await tell(em, delivery.rowId);
      return {
        organizationName: organization.name,
        removedByName: actorName,
        reason: event.personal?.reason ?? null,
        removedAt: event.at.toISOString(),
      };
    },
  },
};
