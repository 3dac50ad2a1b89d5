import { claimsOfAddress } from '#decisions';
import { resetToken } from '#identity';
import { Address, databaseNow, Membership, Organization, PasswordReset, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { inviteDestination } from '../invite/mails.ts';
import { person, type Addressees, type Concerns } from '../mail/concern.ts';

/**
 * To the main address, whichever was named; to the named one where the main one is not known to be the person's, or where
 * nobody has proven the address.
 */
async function owner(em: EntityManager, resetId: string): Promise<Addressees> {
  const reset = await em.findOne(PasswordReset, { id: resetId });
  if (reset?.address) return { recipients: [{ accountId: null, address: reset.address }], organizationIds: [] };
  return { recipients: reset?.accountId ? [person(reset.accountId)] : [], organizationIds: [] };
}

/** Where somebody signs in who has no password: at whichever of their organizations has a provider. */
async function bySingleSignOn(em: EntityManager, accountId: string, publicUrl: string) {
  const memberships = await em.find(Membership, { accountId, removedAt: null });
  const id = { $in: memberships.map(({ organizationId }) => organizationId) };
  const found = await em.find(Organization, { id, loginMethods: { $contains: ['sso'] } }, { orderBy: { name: 'asc' } });
  return { organizations: namesOf(found), url: signInPage(found, publicUrl) };
}

/** What organizations say of an address that nobody has proven: each way in that they know of. */
async function byOthersWord(em: EntityManager, address: string, dependencies: Dependencies, now: Date) {
  const { singleSignOns, others, invites } = await claimsOfAddress(em, address, now);
  const inviting = await em.find(Organization, { id: { $in: invites.map((row) => row.organizationId) } });
  const [newest] = invites;
  const from = inviting.find(({ id }) => id === newest?.organizationId);
  return {
    organizations: namesOf(singleSignOns),
    inviting: namesOf(inviting),
    knownAt: namesOf(others),
    url:
      newest && from
        ? inviteDestination(newest, from, dependencies)
        : signInPage(singleSignOns, dependencies.publicUrl),
  };
}

const namesOf = (organizations: Organization[]) => organizations.map(({ name }) => name).join('; ') || null;

/** Whose word alone makes the account the mailbox's; the mail names it, so that nobody takes a stranger's account for theirs. */
async function claimingOrganization(em: EntityManager, accountId: string): Promise<string | null> {
  const claim = await em.findOne(Address, { accountId, kind: 'primary', verifiedAt: null });
  const by = claim?.givenByOrganizationId;
  return by ? ((await em.findOne(Organization, { id: by }))?.name ?? null) : null;
}

function signInPage([only, ...others]: Organization[], publicUrl: string): string {
  return `${publicUrl}/sign-in${only && others.length === 0 ? `?organization=${only.slug}` : ''}`;
}

export const passwordMails: Concerns = {
  'password.reset': {
    recipients: owner,
    async variables(em, delivery, dependencies) {
      const { publicUrl, resetKeys } = dependencies;
      const reset = await em.findOne(PasswordReset, { id: delivery.rowId });
      const now = await databaseNow(em);
      if (!reset || reset.usedAt || reset.expiresAt <= now) return null;
      const expiresAt = reset.expiresAt.toISOString();
      const { accountId, address } = reset;
      if (reset.tokenDigest) {
        const linkFor = await claimingOrganization(em, accountId ?? '');
        return {
          expiresAt,
          answer: 'link',
          linkFor,
          url: `${publicUrl}/reset-password/${resetToken(resetKeys, reset.id, reset.tokenDigest)}`,
        };
      }
      const ways = accountId
        ? await bySingleSignOn(em, accountId, publicUrl)
        : await byOthersWord(em, address ?? '', dependencies, now);
      return { expiresAt, answer: 'ways_in', ...ways };
    },
  },
  'password.changed': {
    recipients: owner,
    async variables(em, delivery, { publicUrl }) {
      const reset = await em.findOne(PasswordReset, { id: delivery.rowId });
      return reset?.usedAt ? { changedAt: reset.usedAt.toISOString(), url: `${publicUrl}/reset-password` } : null;
    },
  },
};
