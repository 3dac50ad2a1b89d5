import {
  inviteGivesLogDecryption,
  mayInvite,
  mayMakeAdministratorOf,
  type Subject,
  type TargetOrganization,
} from '#access';
import { normalizeAddress, Refusal, type AcceptInvite, type ErrorCode } from '#contracts';
import { checkPasswordStrength, inviteIdOf, sessionOpens, setPassword, tokenDigest, type Principal } from '#identity';
import {
  Account,
  Address,
  ApiKey,
  Credential,
  holdStanding,
  Invite,
  loadInviter,
  loadTarget,
  Membership,
  Organization,
  worksForPartner,
  type EntityManager,
} from '#persistence';
import { proveAddress } from '../alias/prove.ts';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { appoint, endAppointments, giverByInvite, type Giver } from '../membership/appoint.ts';
import { namesOfOrganization } from '../password/check.ts';
import { closeInvite } from './cancel.ts';
import { contentsOf, refuseInvite } from './manage.ts';
import { accountOf, ownerOf } from './open.ts';
import { toldOfMembership } from '../standing-told.ts';

export interface AcceptedInvite {
  invite: Invite;
  member: Membership;
  /** The person had become a member in the meantime: the invite is closed, and the caller says so after the commit. */
  wasMember: boolean;
}

const closed: Readonly<Record<Exclude<Invite['status'], 'pending' | 'failed'>, ErrorCode>> = {
  accepted: 'invite_link_used',
  cancelled: 'invite_link_cancelled',
  expired: 'invite_link_expired',
};

/** An open invite by the link of its mail, locked; whoever has the link can read the invited mailbox. */
export async function openByLink(decision: Decision, token: string): Promise<{ invite: Invite; now: Date }> {
  const { em } = decision;
  const inviteId = inviteIdOf(token);
  const seen = inviteId ? await em.findOne(Invite, { id: inviteId }) : null;
  // Memberships are locked before invites: whoever takes the inviter's right away waits, or was first.
  if (seen?.invitedById) await holdStanding(em, [seen.invitedById], null);
  const invite = inviteId ? await lockRow(em, Invite, { id: inviteId }) : null;
  if (!invite) throw new Refusal('not_found');
  const now = await decision.now();
  if (invite.status !== 'pending' && invite.status !== 'failed') throw new Refusal(closed[invite.status]);
  if (invite.expiresAt <= now) throw new Refusal('invite_link_expired');
  if (invite.tokenDigest !== tokenDigest(token)) throw new Refusal('invite_link_void');
  return { invite, now };
}

/**
 * Uses up an invite link. Somebody without an account makes one with a username and a password; somebody with one is
 * signed in and sends the token alone. The link sets the first password of a person who has none, and never an existing
 * one. The tenant's login methods and the inviter's right are judged as they are at this moment. Runs as the system: the
 * token is the only claim.
 */
export async function acceptInvite(
  decision: Decision,
  principal: Principal | null,
  input: AcceptInvite,
): Promise<AcceptedInvite> {
  const { em } = decision;
  const { invite, now } = await openByLink(decision, input.token);
  const organization = await em.findOneOrFail(Organization, { id: invite.organizationId });
  const giver = await judgeInviter(decision, invite, now);
  const account = await personAtLink(decision, principal, invite, organization, input);
  await proveAddress(decision, invite.email, account, organization.id, now);
  return admit(decision, invite, account, giver, now);
}

/**
 * Refuses, on record, where the inviter, a person or a service, could not give all this today. Answers who stands
 * behind what the invite gives.
 */
export async function judgeInviter({ em }: Decision, invite: Invite, now: Date): Promise<Giver> {
  const { invitedById } = invite;
  if (invitedById === null || invitedById === undefined) return giverByInvite({ em }, invite, null, now);
  const target = await loadTarget(em, invite.organizationId);
  const inviter = await loadInviter(em, invitedById);
  if (!target) throw new Refusal('not_found');
  const ruling = await rulingOn(em, inviter, target, invite, now);
  if (!ruling.allowed) refuseInvite(invite, 'accepted', 'inviter_not_entitled', {}, ruling.code);
  const isService = (await em.count(ApiKey, { id: invitedById })) > 0;
  return giverByInvite({ em }, invite, { subject: inviter, isService, target }, now);
}

/** Whether whoever invited could give all this today; a first invite stands by the organization's beginning. */
export async function inviterStillMay(em: EntityManager, invite: Invite, target: TargetOrganization, now: Date) {
  if (!invite.invitedById) return true;
  return (await rulingOn(em, await loadInviter(em, invite.invitedById), target, invite, now)).allowed;
}

async function rulingOn(em: EntityManager, inviter: Subject, target: TargetOrganization, invite: Invite, now: Date) {
  const right = mayInvite(inviter, target, contentsOf(invite), now);
  const invited = await accountOf(em, invite.email, invite.organizationId);
  const person = { worksForPartner: invited !== null && (await worksForPartner(em, invited.id)) };
  return mayMakeAdministratorOf(inviter, target, person, invite.administratorRoles, now, right);
}

async function personAtLink(
  decision: Decision,
  principal: Principal | null,
  invite: Invite,
  organization: Organization,
  input: AcceptInvite,
): Promise<Account> {
  const { em } = decision;
  const { loginMethods } = organization;
  const account = await invitedPerson(em, invite.email, principal);
  if (principal && (principal.kind !== 'account' || principal.accountId !== account?.id)) {
    return refuseInvite(invite, 'accepted', 'address_mismatch');
  }
  if (principal?.kind === 'account' && account) {
    const signedInBy = { method: principal.method, organizationId: principal.sessionOrganizationId };
    if (sessionOpens(signedInBy, organization)) return account;
  }
  if (account && !principal && (await em.count(Credential, { accountId: account.id })) > 0) {
    throw new Refusal('account_exists', { loginMethods });
  }
  if (!loginMethods.includes('password')) {
    refuseInvite(invite, 'accepted', 'login_method_not_allowed', { loginMethods });
  }
  if (account && (await em.count(Credential, { accountId: account.id })) > 0) {
    refuseInvite(invite, 'accepted', 'login_method_not_allowed', { loginMethods });
  }
  return withFirstPassword(decision, account, principal, invite, organization, input);
}

/**
 * Whom the invite is for: whoever has proven its address. Where nobody has, a signed-in person whose main address it is
 * by the word of their own organization; the link proves it now.
 */
export async function invitedPerson(
  em: EntityManager,
  email: string,
  principal: Principal | null,
): Promise<Account | null> {
  const owner = await ownerOf(em, email);
  if (owner || principal?.kind !== 'account') return owner;
  const { accountId } = principal;
  const claims = await em.count(Address, { address: normalizeAddress(email), accountId, kind: 'primary' });
  return claims > 0 ? em.findOne(Account, { id: accountId, removedAt: null }) : null;
}

async function withFirstPassword(
  { em, now }: Decision,
  known: Account | null,
  principal: Principal | null,
  invite: Invite,
  organization: Organization,
  input: AcceptInvite,
): Promise<Account> {
  const address = normalizeAddress(invite.email);
  const username = input.username ?? (known ? address : undefined);
  if (!username || !input.password) {
    const missing = (known ? (['password'] as const) : (['username', 'password'] as const)).filter(
      (field) => !input[field],
    );
    throw new Refusal('invalid_request', {
      errors: missing.map((field) => ({ pointer: `/${field}`, message: 'Required to create an account' })),
    });
  }
  // A username that looks like somebody's address could shadow it at sign-in.
  if (username.includes('@') && normalizeAddress(username) !== address) {
    throw new Refusal('username_taken');
  }
  const displayName = known?.displayName ?? input.displayName ?? invite.displayName ?? username;
  await checkPasswordStrength(input.password, [displayName, username, address, ...namesOfOrganization(organization)]);
  const at = await now();
  const account = known ?? em.create(Account, { displayName, email: invite.email, createdAt: at });
  await em.flush();
  await setPassword(em, {
    accountId: account.id,
    username,
    password: input.password,
    now: at,
    ...(principal?.kind === 'account' && { keepSessionId: principal.sessionId }),
  });
  return account;
}

/** Makes the membership the invite carries; the same for a link and for a first single sign-on. */
export async function admit(
  decision: Decision,
  invite: Invite,
  account: Account,
  giver: Giver,
  now: Date,
): Promise<AcceptedInvite> {
  const { em } = decision;
  const present = await em.findOne(Membership, {
    organizationId: invite.organizationId,
    accountId: account.id,
    removedAt: null,
  });
  if (present && (!present.until || present.until > now)) {
    await closeInvite(decision, invite, { cause: 'already_member', now });
    return { invite, member: present, wasMember: true };
  }
  if (present) {
    // What was limited to a date is over; the invite begins something new.
    present.removedAt = now;
    await endAppointments(decision, present, present.administratorRoles, now);
    await em.flush();
  }
  const member = em.create(Membership, {
    organizationId: invite.organizationId,
    accountId: account.id,
    kind: 'home',
    workspaceRole: invite.workspaceRole ?? null,
    administratorRoles: invite.administratorRoles,
    decryptLogs: inviteGivesLogDecryption({ workspaceRole: invite.workspaceRole ?? null }),
    scope: invite.scope,
    appTray: invite.appTray,
    createdAt: now,
  });
  invite.status = 'accepted';
  invite.decidedAt = now;
  invite.acceptedById = account.id;
  await em.flush();
  decision.record({
    action: 'invite.accepted',
    organizationIds: [invite.organizationId],
    subject: { kind: 'invite', id: invite.id },
    facts: {
      memberId: member.id,
      accountId: account.id,
      workspaceRole: member.workspaceRole,
      administratorRoles: member.administratorRoles,
    },
    standing: { memberships: [toldOfMembership(member)] },
    actor: { ...decision.actor, id: account.id, displayName: account.displayName },
    at: now,
  });
  await appoint(decision, member, member.administratorRoles, giver, now);
  await decision.nudge('invite', invite.id);
  return { invite, member, wasMember: false };
}
