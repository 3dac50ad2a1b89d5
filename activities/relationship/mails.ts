import { ownersAndFullAdministratorsOf } from '#decisions';
import { AuditEvent, databaseNow, Organization, Relationship, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/** Whoever answers for either side. */
async function bothSides(em: EntityManager, eventId: string): Promise<Addressees> {
  const { organizationIds } = await em.findOneOrFail(AuditEvent, { id: eventId });
  return { recipients: (await ownersAndFullAdministratorsOf(em, organizationIds)).map(person), organizationIds };
}

async function relationshipOf(em: EntityManager, eventId: string) {
  const event = await em.findOneOrFail(AuditEvent, { id: eventId });
  const relationship = await em.findOneOrFail(Relationship, { id: event.subject.id });
  const organizations = await em.find(Organization, { id: { $in: event.organizationIds } });
  const nameOf = (id: string) => organizations.find((one) => one.id === id)?.name ?? '';
  return {
    event,
    relationship,
    partnerName: nameOf(relationship.partnerId),
    customerName: nameOf(relationship.customerId),
  };
}

const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });

/** Who of the partner last made use of a temporary access, as a sentence: the last five. */
async function lastUseOf(em: EntityManager, { partnerId, customerId }: Relationship): Promise<string> {
  const rows = await em.execute<{ name: string; at: Date | string }[]>(
    `select display_name as name, max(used_at) as at from "grant" join account on account.id = "grant".account_id
      where partner_id = ? and organization_id = ? and used_at is not null
      group by account.id order by max(used_at) desc limit 5`,
    [partnerId, customerId],
  );
  if (rows.length === 0) return 'No temporary access was ever used';
  return rows.map(({ name, at }) => `${name} on ${day.format(new Date(at))}`).join('; ');
}

export const relationshipMails: Concerns = {
  'relationship.ends-soon': {
    recipients: bothSides,
    async variables(em, delivery, { publicUrl }) {
      const { event, relationship, ...names } = await relationshipOf(em, delivery.rowId);
      const endsAt = relationship.termEndsAt;
      const left = endsAt ? endsAt.getTime() - (await databaseNow(em)).getTime() : 0;
      // Renewed or ended meanwhile: there is nothing to warn of.
      if (!endsAt || relationship.activeUntil || left <= 0 || endsAt.toISOString() !== event.facts['termEndsAt'])
        return null;
      return {
        ...names,
        secondsLeft: Math.ceil(left / 1000),
        endsAt: endsAt.toISOString(),
        lastUse: await lastUseOf(em, relationship),
        url: `${publicUrl}/organizations/${relationship.customerId}/access`,
      };
    },
  },
  'relationship.ended': {
    recipients: bothSides,
    async variables(em, delivery, { publicUrl }) {
      const { event, relationship, ...names } = await relationshipOf(em, delivery.rowId);
      return { ...names, endedAt: (relationship.activeUntil ?? event.at).toISOString(), url: `${publicUrl}/` };
    },
  },
};
