import { inviteGivesLogDecryption, mayInvite } from '#access';
import { normalizeAddress, Refusal, type AcceptInvite, type ErrorCode } from '#contracts';
import { checkPasswordPolicy, inviteIdOf, setPassword, tokenDigest, type Principal } from '#identity';
import { Account, Address, Invite, loadSubject, loadTarget, Membership, Organization } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { personKey } from './open.ts';

export interface AcceptedInvite {
  invite: Invite;
  member: Membership;
}

const closed: Readonly<Record<Exclude<Invite['status'], 'pending' | 'failed'>, ErrorCode>> = {
  accepted: 'invite_link_used',
  cancelled: 'invite_link_cancelled',
  expired: 'invite_link_expired',
};

/**
 * Uses up an invite link. Somebody without an account makes one with a username and a password; somebody with one is
 * signed in and sends the token alone: a link never sets an existing password. The tenant's login methods and the
 * inviter's right are judged as they are at this moment. Runs as the system: the token is the only claim.
 */
export async function acceptInvite(
  decision: Decision,
  principal: Principal | null,
  input: AcceptInvite,
): Promise<AcceptedInvite> {
  const { em } = decision;
  const inviteId = inviteIdOf(input.token);
  const invite = inviteId ? await lockRow(em, Invite, { id: inviteId }) : null;
  if (!invite) throw new Refusal('not_found');
  const now = await decision.now();
  if (invite.status !== 'pending' && invite.status !== 'failed') throw new Refusal(closed[invite.status]);
  if (invite.expiresAt <= now) throw new Refusal('invite_link_expired');
  if (invite.tokenDigest !== tokenDigest(input.token)) throw new Refusal('invite_link_void');

  const organization = await em.findOneOrFail(Organization, { id: invite.organizationId });
  await judgeInviter(decision, invite, now);
  const account = principal
    ? await signedInPerson(decision, principal, invite, organization)
    : await newPerson(decision, invite, organization, input, now);
  return admit(decision, invite, account, now);
}

async function judgeInviter({ em }: Decision, invite: Invite, now: Date): Promise<void> {
  if (invite.invitedById === null || invite.invitedById === undefined) return;
  const target = await loadTarget(em, invite.organizationId);
  const inviter = await loadSubject(em, invite.invitedById);
  const { administratorRoles, scope, appTray } = invite;
  const contents = { workspaceRole: invite.workspaceRole ?? null, administratorRoles, scope, appTray };
  if (!target || !mayInvite(inviter, target, contents, now).allowed) {
    throw new Refusal('inviter_not_entitled');
  }
}

async function signedInPerson(
  { em }: Decision,
  principal: Principal,
  invite: Invite,
  organization: Organization,
): Promise<Account> {
  if (principal.kind !== 'account') throw new Refusal('address_mismatch');
  if ((await personKey(em, invite.email)) !== principal.accountId) throw new Refusal('address_mismatch');
  if (!organization.loginMethods.includes(principal.method)) {
    throw new Refusal('login_method_not_allowed', { loginMethods: organization.loginMethods });
  }
  return em.findOneOrFail(Account, { id: principal.accountId });
}

async function newPerson(
  { em }: Decision,
  invite: Invite,
  organization: Organization,
  input: AcceptInvite,
  now: Date,
): Promise<Account> {
  const address = normalizeAddress(invite.email);
  if (await em.findOne(Address, { address })) throw new Refusal('account_exists');
  if (!organization.loginMethods.includes('password')) {
    throw new Refusal('login_method_not_allowed', { loginMethods: organization.loginMethods });
  }
  if (!input.username || !input.password) {
    const missing = (['username', 'password'] as const).filter((field) => !input[field]);
    throw new Refusal('invalid_request', {
      errors: missing.map((field) => ({ pointer: `/${field}`, message: 'Required to create an account' })),
    });
  }
  // A username that looks like somebody's address could shadow it at sign-in.
  if (input.username.includes('@') && normalizeAddress(input.username) !== address) {
    throw new Refusal('username_taken');
  }
  checkPasswordPolicy(input.password);
  const account = em.create(Account, {
    displayName: input.displayName ?? invite.displayName ?? input.username,
    email: invite.email,
    createdAt: now,
  });
  await em.flush();
  em.create(Address, { address, accountId: account.id, kind: 'primary', verifiedAt: now });
  await setPassword(em, { accountId: account.id, username: input.username, password: input.password, now });
  return account;
}

/** Makes the membership the invite carries; the same for a link and for a first single sign-on. */
export async function admit(decision: Decision, invite: Invite, account: Account, now: Date): Promise<AcceptedInvite> {
  const { em } = decision;
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
    personal: { names: { [account.id]: account.displayName } },
    at: now,
  });
  await decision.nudge('invite', invite.id);
  return { invite, member };
}
