import { displayName, normalizeAddress, Refusal } from '#contracts';
import type { Identified } from '#identity';
import {
  Account,
  Address,
  Invite,
  Membership,
  Organization,
  Session,
  SsoIdentity,
  type EntityManager,
} from '#persistence';
import { proveAddress } from '../alias/prove.ts';
import type { Decision } from '../decision.ts';
import { admit, judgeInviter, openByLink } from '../invite/accept.ts';
import { accountOf, ownerOf } from '../invite/open.ts';
import { lockRow } from '../lock.ts';
import { offerLink, personOfLink } from './link-offer.ts';

/**
 * What a sign-in brings beside the provider's word: a session the person had when they began, the link of an invite's
 * mail, or the link of a mail that offered to connect the two. The provider's word alone never reaches an account that
 * was there before.
 */
export type SignOnProof =
  { kind: 'session'; sessionId: string } | { kind: 'invite'; token: string } | { kind: 'link'; token: string } | null;

export interface SignedOn {
  /** Null: the person is a member, and has been sent a mail to connect the provider's identity with their account. */
  account: Account | null;
}

/**
 * Whose account a single sign-on at an organization leads to. What its provider says is an identity, issuer and subject,
 * of this organization: one that has been here before is known by that. A new one is connected with somebody's account by
 * a proof of their own, or, where it brings none and an invite is open for its verified address, gets an account that
 * belongs to this organization alone. Runs as the system: the claims are the provider's and the proof.
 */
export async function signInBySingleSignOn(
  decision: Decision,
  organizationId: string,
  identified: Identified,
  proof: SignOnProof,
  providerDigest: string,
): Promise<SignedOn> {
  const { em } = decision;
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  if (!organization.sso || !organization.loginMethods.includes('sso')) {
    throw new Refusal('login_method_not_allowed', { loginMethods: organization.loginMethods });
  }
  const { issuer, subject } = identified;
  // Two sign-ins of one identity at once: the second finds what the first has made.
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `sso ${organizationId} ${issuer} ${subject}`,
  ]);
  const identity = await em.findOne(SsoIdentity, { organizationId, issuer, subject });
  const known = identity && (await em.findOne(Account, { id: identity.accountId, removedAt: null }));
  if (known && proof?.kind === 'link') await proveByLink(decision, known, organizationId, proof.token);
  const account =
    known && (await isMember(decision, organizationId, known.id))
      ? known
      : await firstTime(decision, organization, identified, proof);
  if (account) await connect(decision, account, organizationId, identified, providerDigest);
  return { account };
}

async function firstTime(
  decision: Decision,
  organization: Organization,
  identified: Identified,
  proof: SignOnProof,
): Promise<Account | null> {
  if (proof?.kind === 'invite') return joinByLink(decision, organization, identified, proof.token);
  if (proof?.kind === 'link') {
    const person = await personOfLink(decision, organization.id, proof.token);
    await requireOwnAddress(decision.em, organization.id, person, identified);
    await proveMain(decision, person, organization.id);
    return person;
  }
  const signedIn = proof && (await personOfSession(decision.em, proof.sessionId));
  return signedIn
    ? bySession(decision, organization, identified, signedIn)
    : byTheProvidersWord(decision, organization, identified);
}

/** Somebody whose main address nobody has proven yet asked for a mail to it, and has opened its link. */
async function proveByLink(decision: Decision, person: Account, organizationId: string, token: string): Promise<void> {
  const mailed = await personOfLink(decision, organizationId, token);
  if (mailed.id !== person.id) throw new Refusal('identity_of_another');
  await proveMain(decision, person, organizationId);
}

async function proveMain(decision: Decision, person: Account, organizationId: string): Promise<void> {
  if (await ownerOf(decision.em, person.email)) return;
  await proveAddress(decision, person.email, person, organizationId, await decision.now());
}

/** The link proves the mailbox, the provider who sits there: nothing is left to be believed. */
async function joinByLink(
  decision: Decision,
  organization: Organization,
  identified: Identified,
  token: string,
): Promise<Account> {
  const { em } = decision;
  const { invite, now } = await openByLink(decision, token);
  if (invite.organizationId !== organization.id) throw new Refusal('not_found');
  const giver = await judgeInviter(decision, invite, now);
  const account = (await ownerOf(em, invite.email)) ?? newAccount(em, invite, identified, now);
  await em.flush();
  await proveAddress(decision, invite.email, account, organization.id, now);
  await admit(decision, invite, account, giver, now);
  return account;
}

/** A member connects the provider with their account, or somebody with an account accepts their invite. */
async function bySession(
  decision: Decision,
  organization: Organization,
  identified: Identified,
  person: Account,
): Promise<Account> {
  const { em } = decision;
  if (await isMember(decision, organization.id, person.id)) {
    await requireOwnAddress(em, organization.id, person, identified);
    return person;
  }
  const addresses = await em.find(Address, { accountId: person.id, verifiedAt: { $ne: null } });
  const invite = await openInviteFor(decision, organization.id, [person.id, ...addresses.map((one) => one.address)]);
  if (!invite) throw new Refusal('no_membership');
  const now = await decision.now();
  const giver = await judgeInviter(decision, invite, now);
  await admit(decision, invite, person, giver, now);
  return person;
}

/**
 * Nothing but the provider's word. A member's account is not reached by it: they get a mail. An open invite for the
 * address makes an account of this organization alone, whoever else has that address elsewhere.
 */
async function byTheProvidersWord(
  decision: Decision,
  organization: Organization,
  identified: Identified,
): Promise<Account | null> {
  const { em } = decision;
  const email = verifiedAddress(organization, identified);
  if (email === null) throw new Refusal('address_not_verified');
  const present = await accountOf(em, email, organization.id);
  if (present && (await isMember(decision, organization.id, present.id))) {
    await offerLink(decision, organization.id, present);
    return null;
  }
  const owner = await ownerOf(em, email);
  const invite = await openInviteFor(decision, organization.id, [email, ...(owner ? [owner.id] : [])]);
  if (!invite) throw new Refusal('no_membership');
  const now = await decision.now();
  const giver = await judgeInviter(decision, invite, now);
  const account = newAccount(em, invite, identified, now);
  await em.flush();
  em.create(Address, {
    address: email,
    accountId: account.id,
    kind: 'primary',
    givenByOrganizationId: organization.id,
    createdAt: now,
  });
  await em.flush();
  await admit(decision, invite, account, giver, now);
  return account;
}

/**
 * The address in which the organization's provider may be believed, for the organization's own purposes. A provider that
 * is trusted at proven domains may leave out that it verified; one that says it did not is believed in that, too.
 */
export function verifiedAddress(
  { sso, provenDomains }: Pick<Organization, 'sso' | 'provenDomains'>,
  { email, emailVerified }: Identified,
): string | null {
  const address = email === null ? null : normalizeAddress(email);
  if (address === null || emailVerified === false) return null;
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const trusted = sso?.emailVerified === 'trusted' && provenDomains.includes(domain);
  return emailVerified === true || trusted ? address : null;
}

/** Whoever the provider takes for somebody with another address is not the person who began. */
export async function requireOwnAddress(
  em: EntityManager,
  organizationId: string,
  person: Account,
  { email }: Identified,
): Promise<void> {
  if (email === null) return;
  const own = await em.count(Address, {
    address: normalizeAddress(email),
    accountId: person.id,
    $or: [{ verifiedAt: { $ne: null } }, { givenByOrganizationId: organizationId }],
  });
  if (own === 0) throw new Refusal('identity_of_another');
}

/** A password is the person's own; what a provider made is a session only where that provider is believed. */
async function personOfSession(em: EntityManager, sessionId: string): Promise<Account | null> {
  const session = await em.findOne(Session, { id: sessionId, revokedAt: null });
  return session && em.findOne(Account, { id: session.accountId, removedAt: null });
}

async function isMember({ em, now }: Decision, organizationId: string, accountId: string): Promise<boolean> {
  const live = { $or: [{ until: null }, { until: { $gt: await now() } }] };
  return (await em.count(Membership, { organizationId, accountId, removedAt: null, ...live })) > 0;
}

async function openInviteFor(decision: Decision, organizationId: string, keys: string[]): Promise<Invite | null> {
  const invite = await lockRow(decision.em, Invite, {
    organizationId,
    personKey: { $in: keys },
    status: { $in: ['pending', 'failed'] },
  });
  return invite && invite.expiresAt > (await decision.now()) ? invite : null;
}

function newAccount(em: EntityManager, invite: Invite, { name }: Identified, now: Date): Account {
  return em.create(Account, {
    displayName: displayName.safeParse(name).data ?? invite.displayName ?? invite.email,
    email: invite.email,
    createdAt: now,
  });
}

/** From now on the person is known by issuer and subject, whatever becomes of the address. */
export async function connect(
  decision: Decision,
  account: Account,
  organizationId: string,
  { issuer, subject }: Identified,
  providerDigest: string,
): Promise<void> {
  const { em } = decision;
  const now = await decision.now();
  const present = await em.findOne(SsoIdentity, { organizationId, issuer, subject }, { refresh: true });
  const isNew = present?.accountId !== account.id;
  const identity =
    present ?? em.create(SsoIdentity, { organizationId, issuer, subject, accountId: account.id, createdAt: now });
  if (isNew && present) present.createdAt = now;
  identity.accountId = account.id;
  identity.providerDigest = providerDigest;
  identity.lastSignedInAt = now;
  await em.flush();
  if (!isNew) return;
  decision.record({
    action: 'single-sign-on.identity-linked',
    organizationIds: [organizationId],
    subject: { kind: 'account', id: account.id },
    facts: { identityId: identity.id, issuer },
    actor: { ...decision.actor, id: account.id, displayName: account.displayName },
    at: now,
  });
}
