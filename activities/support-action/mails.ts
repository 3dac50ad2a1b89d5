import { roleLabels } from '#access';
import { ownersAndFullAdministratorsOf } from '#decisions';
import { Account, AuditEvent, Membership, Organization, SupportAction, type EntityManager } from '#persistence';
import { person, type Addressees, type Concern, type Concerns } from '../mail/concern.ts';

/** The organization's Owners and full administrators: what support does there is told to whoever answers for it. */
async function ownersAndFullAdministrators(em: EntityManager, eventId: string): Promise<Addressees> {
  const { organizationIds } = await em.findOneOrFail(AuditEvent, { id: eventId });
  return { recipients: (await ownersAndFullAdministratorsOf(em, organizationIds)).map(person), organizationIds };
}

/** What is done, as the rest of a sentence that begins with who does it. */
async function inWords(em: EntityManager, { act }: SupportAction): Promise<string> {
  if (act.kind === 'relationship.create') {
    const partner = await em.findOne(Organization, { id: act.partnerId });
    return `bring in the partner ${partner?.name ?? ''}`;
  }
  if (act.kind === 'organization.recover-sign-in') {
    return act.removeProvider
      ? 'let people sign in by password again, and remove the identity provider'
      : 'let people sign in by password again';
  }
  if (act.kind === 'audit.erase-personal-data' || act.kind === 'account.remove') {
    const account = await em.findOne(Account, { id: act.accountId });
    return act.kind === 'account.remove'
      ? `remove the account of ${account?.displayName ?? 'a member'}`
      : `take what the audit trail says of ${account?.displayName ?? 'a former member'} out of it`;
  }
  const membership = await em.findOne(Membership, { id: act.memberId });
  const account = membership && (await em.findOne(Account, { id: membership.accountId }));
  const name = account?.displayName ?? 'a member';
  if (act.kind === 'membership.remove') return `remove ${name}`;
  if (act.kind === 'membership.change-address') return `have ${name} reached at ${act.email}`;
  return act.workspaceRole === null
    ? `take the workspace role of ${name} away`
    : `give ${name} the role ${roleLabels[act.workspaceRole]}`;
}

const concern: Concern<'support-action.proposed' | 'support-action.confirmed'> = {
  recipients: ownersAndFullAdministrators,
  async variables(em, delivery, { publicUrl }) {
    const event = await em.findOneOrFail(AuditEvent, { id: delivery.rowId });
    const action = await em.findOneOrFail(SupportAction, { id: event.subject.id });
    const organization = await em.findOneOrFail(Organization, { id: action.organizationId });
    const actor = event.actor.id ? await em.findOne(Account, { id: event.actor.id }) : null;
    return {
      organizationName: organization.name,
      actorName: actor?.displayName ?? 'Somebody',
      act: await inWords(em, action),
      reason: action.reason,
      at: event.at.toISOString(),
      url: `${publicUrl}/organizations/${organization.id}/audit`,
    };
  },
};

export const supportActionMails: Concerns = {
  'support-action.proposed': concern,
  'support-action.confirmed': concern,
};
