import { isProven, standsForPerson } from '#access';
import { displayName, normalizeAddress, Refusal } from '#contracts';
import type { Identified } from '#identity';
import { Account, Address, Invite, Membership, Organization, SsoIdentity, type EntityManager } from '#persistence';
import { giveWayToOwner } from '../alias/give-way.ts';
import type { Decision } from '../decision.ts';
import { admit, judgeInviter } from '../invite/accept.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';

/**
 * Whose account a single sign-on at an organization leads to. An identity that has been here before is known by issuer
 * and subject; a new one by its verified address, which must belong to a member or to somebody with an open invite, and
 * then accepts it. Everybody else is refused, and no account is made. Runs as the system: the provider is the only claim.
 */
export async function signInBySingleSignOn(
  decision: Decision,
  organizationId: string,
  identified: Identified,
): Promise<Account> {
  const { em } = decision;
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  if (!organization.sso || !organization.loginMethods.includes('sso')) {
    throw new Refusal('login_method_not_allowed', { loginMethods: organization.loginMethods });
  }
  const { issuer, subject } = identified;
  const identity = await em.findOne(SsoIdentity, { organizationId, issuer, subject });
  const known = identity && (await em.findOne(Account, { id: identity.accountId, removedAt: null }));
  const email = identified.emailVerified && identified.email ? normalizeAddress(identified.email) : null;
  if (!known && !email) return refuse(organizationId, 'address_not_verified');

  const owner = known ? null : await ownerOf(em, email ?? '', organizationId);
  const person = known ?? owner?.account ?? null;
  if (person && (await isMember(decision, organizationId, person.id))) {
    // An alias that somebody else gave says nothing about who may act as a member.
    if (owner && !owner.proven) return refuse(organizationId, 'address_not_verified');
    if (!known) await link(decision, person, organizationId, identified);
    return person;
  }
  const account = await acceptOpenInvite(decision, organizationId, person, email, identified);
  if (!known) await link(decision, account, organizationId, identified);
  return account;
}

/**
 * Whom the address stands for here. What an administrator elsewhere said of it is nothing: else they could take a
 * stranger's invite, or keep them from it, by naming the address first.
 */
async function ownerOf(
  em: EntityManager,
  email: string,
  organizationId: string,
): Promise<{ account: Account; proven: boolean } | null> {
  const address = await em.findOne(Address, { address: email });
  if (!address || !standsForPerson(address, organizationId)) return null;
  const account = await em.findOne(Account, { id: address.accountId, removedAt: null });
  return account && { account, proven: isProven(address) };
}

async function isMember({ em, now }: Decision, organizationId: string, accountId: string): Promise<boolean> {
  const live = { $or: [{ until: null }, { until: { $gt: await now() } }] };
  return (await em.count(Membership, { organizationId, accountId, removedAt: null, ...live })) > 0;
}

async function acceptOpenInvite(
  decision: Decision,
  organizationId: string,
  person: Account | null,
  email: string | null,
  identified: Identified,
): Promise<Account> {
  const { em } = decision;
  // An invite may be older than the account of the person it is for.
  const keys = email === null ? [] : [email, ...(person ? [person.id] : [])];
  const invite = await lockRow(em, Invite, {
    organizationId,
    personKey: { $in: keys },
    status: { $in: ['pending', 'failed'] },
  });
  const now = await decision.now();
  if (!invite || email === null || invite.expiresAt <= now) {
    // Two sign-ins at once: the other one has accepted it while this one waited.
    const admitted = invite === null && email !== null ? await ownerOf(em, email, organizationId) : null;
    if (admitted?.proven && (await isMember(decision, organizationId, admitted.account.id))) return admitted.account;
    return refuse(organizationId, 'no_membership');
  }
  const giver = await judgeInviter(decision, invite, now);
  const account = person ?? (await newAccount(decision, invite, email, identified, now));
  await em.nativeUpdate(Address, { address: email, verifiedAt: null }, { verifiedAt: now });
  await admit(decision, invite, account, giver, now);
  return account;
}

async function newAccount(
  decision: Decision,
  invite: Invite,
  email: string,
  { name }: Identified,
  now: Date,
): Promise<Account> {
  const { em } = decision;
  await giveWayToOwner(decision, email, now);
  const account = em.create(Account, {
    displayName: displayName.safeParse(name).data ?? invite.displayName ?? email,
    email: invite.email,
    createdAt: now,
  });
  await em.flush();
  em.create(Address, { address: email, accountId: account.id, kind: 'primary', verifiedAt: now });
  await em.flush();
  return account;
}

/** From now on the person is known by issuer and subject, whatever becomes of the address. */
async function link(
  decision: Decision,
  account: Account,
  organizationId: string,
  { issuer, subject }: Identified,
): Promise<void> {
  const { em } = decision;
  const present = await em.findOne(SsoIdentity, { organizationId, issuer, subject }, { refresh: true });
  if (present?.accountId === account.id) return;
  const linked = present ?? em.create(SsoIdentity, { organizationId, issuer, subject, accountId: account.id });
  linked.accountId = account.id;
  await em.flush();
  decision.record({
    action: 'single-sign-on.identity-linked',
    organizationIds: [organizationId],
    subject: { kind: 'account', id: account.id },
    facts: { identityId: linked.id, issuer },
    actor: { ...decision.actor, id: account.id, displayName: account.displayName },
    at: await decision.now(),
  });
}

/** The organization sees on its trail that somebody its provider knows was not let in. */
function refuse(organizationId: string, code: 'no_membership' | 'address_not_verified'): never {
  return refuseAct(
    {
      action: 'session.opened',
      organizationIds: [organizationId],
      subject: { kind: 'organization', id: organizationId },
    },
    code,
  );
}
