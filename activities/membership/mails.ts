import { isAdministratorRole, isWorkspaceRole, roleLabels } from '#access';
import { fullAdministratorsOf } from '#decisions';
import { Account, AuditEvent, Organization, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** What was done about somebody, read from the event that recorded it. */
export async function tell(em: EntityManager, eventId: string) {
  const event = await em.findOneOrFail(AuditEvent, { id: eventId });
  const [organizationId = ''] = event.organizationIds;
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const actorName = event.actor.id ? event.personal?.names?.[event.actor.id] : undefined;
  return { event, organization, actorName: actorName ?? 'The support team' };
}

export async function personConcerned(em: EntityManager, eventId: string): Promise<Addressees> {
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

/** Everybody who holds the role at home but the person it is about, who has a mail of their own. */
async function otherFullAdministrators(em: EntityManager, eventId: string): Promise<Addressees> {
  const { facts, organizationIds } = await em.findOneOrFail(AuditEvent, { id: eventId });
  const others = (await fullAdministratorsOf(em, organizationIds)).filter((id) => id !== facts['accountId']);
  return { recipients: others.map(person), organizationIds };
}

const happenings: Readonly<Record<string, string>> = {
  'membership.full-administrator-appointed': 'is now a full administrator',
  'membership.full-administrator-ended': 'is no longer a full administrator',
  'membership.full-administrator-confirmed': 'was confirmed as a full administrator',
};

/** For which partner the role was given, in words. */
async function rightInWords(em: EntityManager, { facts }: AuditEvent): Promise<string | null> {
  const { right, partnerId } = facts;
  if (typeof right !== 'string') return null;
  const partner = typeof partnerId === 'string' ? await em.findOne(Organization, { id: partnerId }) : null;
  if (partner) return `for the partner ${partner.name}`;
  return right === 'service' ? 'by a service of the organization' : null;
}

export const membershipMails: Concerns = {
  'membership.full-administrators-changed': {
    recipients: otherFullAdministrators,
    async variables(em, delivery, { publicUrl }) {
      const { event, organization, actorName } = await tell(em, delivery.rowId);
      const account = await em.findOne(Account, { id: String(event.facts['accountId']) });
      return {
        organizationName: organization.name,
        memberName: account?.displayName ?? 'Somebody',
        memberAddress: account?.email ?? '',
        happened: happenings[event.action] ?? '',
        changedByName: actorName,
        right: await rightInWords(em, event),
        changedAt: event.at.toISOString(),
        url: `${publicUrl}/organizations/${organization.id}/teammates/${event.subject.id}`,
      };
    },
  },
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
