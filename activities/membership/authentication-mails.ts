import { ownersAndFullAdministratorsOf } from '#decisions';
import { linkToken } from '#identity';
import { AuditEvent, ScimToken, type EntityManager } from '#persistence';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';
import { personConcerned, tell } from './mails.ts';

/** Everybody who could decide how people sign in, whoever has just decided it among them. */
async function thoseWhoDecide(em: EntityManager, eventId: string): Promise<Addressees> {
  const { organizationIds } = await em.findOneOrFail(AuditEvent, { id: eventId });
  return { recipients: (await ownersAndFullAdministratorsOf(em, organizationIds)).map(person), organizationIds };
}

const methodNames = { sso: 'Single sign-on', password: 'Password' } as const;
const inWords = (methods: readonly ('sso' | 'password')[]) => methods.map((method) => methodNames[method]).join('; ');

const tokenHappenings: Readonly<Record<string, string>> = {
  'scim-token.created': 'made',
  'scim-token.rotated': 'renewed',
  'scim-token.revoked': 'revoked',
};

export const authenticationMails: Concerns = {
  'single-sign-on.link': {
    recipients: personConcerned,
    async variables(em, delivery, { publicUrl, inviteKeys }) {
      const { event, organization } = await tell(em, delivery.rowId);
      return {
        organizationName: organization.name,
        expiresAt: String(event.facts['expiresAt']),
        url: `${publicUrl}/sso/${organization.slug}/start?link=${linkToken(inviteKeys, event.id)}`,
      };
    },
  },
  'organization.directory-token-changed': {
    recipients: thoseWhoDecide,
    async variables(em, delivery, { publicUrl }) {
      const { event, organization, actorName } = await tell(em, delivery.rowId);
      const token = await em.findOne(ScimToken, { id: event.subject.id });
      return {
        organizationName: organization.name,
        changedByName: actorName,
        happening: tokenHappenings[event.action] ?? 'changed',
        tokenName: token?.name ?? '',
        changedAt: event.at.toISOString(),
        url: `${publicUrl}/organizations/${organization.id}/audit`,
      };
    },
  },
  'organization.authentication-changed': {
    recipients: thoseWhoDecide,
    async variables(em, delivery, { publicUrl }) {
      const { event, organization, actorName } = await tell(em, delivery.rowId);
      const { loginMethods, issuer } = event.facts;
      return {
        organizationName: organization.name,
        changedByName: event.actor.by === 'recovery_code' ? 'Somebody with a recovery code' : actorName,
        loginMethods: inWords(Array.isArray(loginMethods) ? loginMethods : organization.loginMethods),
        issuer: typeof issuer === 'string' ? issuer : 'none',
        changedAt: event.at.toISOString(),
        url: `${publicUrl}/organizations/${organization.id}/sign-in`,
      };
    },
  },
};
