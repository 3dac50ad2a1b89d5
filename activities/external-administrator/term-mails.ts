import { isExternalAdministratorRole, roleLabels } from '#access';
import { ownersAndFullAdministratorsOf } from '#decisions';
import { Account, AuditEvent, databaseNow, ExternalAdministratorRequest, Membership, Organization } from '#persistence';
import { person, type Concerns } from '../mail/concern.ts';

/** The person whose time is nearly over, and whoever answers for either side. */
export const externalTermMails: Concerns = {
  'external-administrator.ends-soon': {
    async recipients(em, eventId) {
      const { organizationIds, subject } = await em.findOneOrFail(AuditEvent, { id: eventId });
      const { requesterId } = await em.findOneOrFail(ExternalAdministratorRequest, { id: subject.id });
      const people = new Set([requesterId, ...(await ownersAndFullAdministratorsOf(em, organizationIds))]);
      return { recipients: [...people].map(person), organizationIds };
    },
    async variables(em, delivery, { publicUrl }) {
      const event = await em.findOneOrFail(AuditEvent, { id: delivery.rowId });
      const request = await em.findOneOrFail(ExternalAdministratorRequest, { id: event.subject.id });
      const membership = request.membershipId ? await em.findOne(Membership, { id: request.membershipId }) : null;
      const until = membership?.until;
      const left = until ? until.getTime() - (await databaseNow(em)).getTime() : 0;
      // Renewed or removed meanwhile: there is nothing to warn of.
      if (!until || membership.removedAt || left <= 0 || until.toISOString() !== event.facts['until']) return null;
      const organizations = await em.find(Organization, { id: { $in: event.organizationIds } });
      const nameOf = (id: string) => organizations.find((one) => one.id === id)?.name ?? '';
      const requester = await em.findOneOrFail(Account, { id: request.requesterId });
      const role = request.approvedRole;
      return {
        requesterName: requester.displayName,
        partnerName: nameOf(request.partnerId),
        customerName: nameOf(membership.organizationId),
        role: role && isExternalAdministratorRole(role) ? roleLabels[role] : 'Administrator',
        secondsLeft: Math.ceil(left / 1000),
        until: until.toISOString(),
        url: `${publicUrl}/external-administrator-requests/${request.id}`,
      };
    },
  },
};
