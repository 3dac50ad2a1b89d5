import { mayRemoveAccount, type TargetMember } from '#access';
import { Refusal, type RefusalDetails } from '#contracts';
import {
  Account,
  Address,
  AddressChange,
  AuthenticatorApp,
  Credential,
  Invite,
  Membership,
  Organization,
  Passkey,
  PasswordReset,
  RecoveryCode,
  Session,
  SignInStep,
  SsoIdentity,
  type EntityManager,
} from '#persistence';
import { LockMode } from '@mikro-orm/postgresql';
import { endWhatNoLongerHolds } from '../cascade.ts';
import type { Decision } from '../decision.ts';
import { endExternalAccess } from '../external-administrator/end-access.ts';
import { closeInvite } from '../invite/cancel.ts';
import { lockRow } from '../lock.ts';
import { lockWithThoseWhoAnswer } from '../membership/administrators.ts';
import { endAppointments } from '../membership/appoint.ts';
import { describeTarget } from '../membership/open-member.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';

/**
 * The support team removes an account: every membership, session and way to sign in goes at once, and no organization
 * loses its last Owner or full administrator by it. The row stays, so that the trail goes on naming it.
 */
export async function removeAccount(decision: Decision, accountId: string, reason?: string): Promise<void> {
  const { em, actor } = decision;
  const memberships = await lockMembershipsOf(em, accountId);
  const account = await lockRow(em, Account, { id: accountId, removedAt: null });
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  const platform = await em.findOneOrFail(Organization, { kind: 'platform' });
  const seenBy = [...new Set([platform.id, ...memberships.own.map(({ organizationId }) => organizationId)])];
  const members = [];
  for (const own of memberships.own) {
    const answering = memberships.all.filter(({ organizationId }) => organizationId === own.organizationId);
    members.push(await describeTarget(em, own, answering));
  }
  const ruling = mayRemoveAccount(
    subject,
    accountId,
    members,
    { reason, isCountersigned: decision.isCountersigned },
    now,
  );
  const act = { action: 'account.removed', subject: { kind: 'account', id: accountId } };
  // Whether there is such an account is told to the support team only.
  if (!ruling.allowed && (account || ruling.code === 'support_only'))
    return refuseAct({ ...act, organizationIds: [platform.id] }, ruling.code, whereLast(members, ruling.code));
  if (!account || !ruling.allowed) throw new Refusal('not_found');

  for (const membership of memberships.own) {
    if (membership.kind === 'external')
      await endExternalAccess(decision, membership, { how: 'ended', now, by: ruling.by, cause: 'account_removed' });
    else {
      membership.removedAt = now;
      await endAppointments(decision, membership, membership.administratorRoles, now);
    }
  }
  account.removedAt = now;
  decision.record({
    ...act,
    by: ruling.by,
    organizationIds: seenBy,
    facts: { memberIds: memberships.own.map(({ id }) => id) },
    standing: { memberships: memberships.own.map(({ id }) => ({ id, endedAt: now })) },
    personal: { reason },
    at: now,
  });
  await endWhatNoLongerHolds(decision, { accountId }, 'account_removed');
  await closeInvitesTo(decision, accountId, now);
  await forgetWaysIn(em, accountId, now);
}

/** Which organizations would be left without somebody, where that is what stands in the way. */
function whereLast(members: readonly TargetMember[], code: string): RefusalDetails {
  if (code !== 'last_owner' && code !== 'last_full_administrator') return {};
  const last = members.filter((member) =>
    code === 'last_owner' ? member.isLastOwner : member.isLastFullAdministrator,
  );
  return { state: { organizationIds: last.map(({ membership }) => membership.organizationId) } };
}

/** The person's memberships and everybody who counts for the last-one rules beside them, locked in one order. */
async function lockMembershipsOf(em: EntityManager, accountId: string) {
  const own = await em.find(Membership, { accountId, removedAt: null });
  const organizationIds = own.map(({ organizationId }) => organizationId);
  const all = await lockWithThoseWhoAnswer(em, organizationIds, { accountId });
  return { all, own: all.filter((row) => row.accountId === accountId) };
}

async function closeInvitesTo(decision: Decision, accountId: string, now: Date): Promise<void> {
  const open = await decision.em.find(
    Invite,
    { personKey: accountId, status: { $in: ['pending', 'failed'] } },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  for (const invite of open) await closeInvite(decision, invite, { cause: 'account_removed', now });
}

/** The addresses become free: the person may be invited again, as somebody new. */
async function forgetWaysIn(em: EntityManager, accountId: string, now: Date): Promise<void> {
  await em.flush();
  await em.nativeUpdate(Session, { accountId, revokedAt: null }, { revokedAt: now });
  await em.nativeDelete(Credential, { accountId });
  await em.nativeDelete(Passkey, { accountId });
  await em.nativeDelete(AuthenticatorApp, { accountId });
  await em.nativeDelete(RecoveryCode, { accountId });
  await em.nativeDelete(SignInStep, { accountId });
  await em.nativeDelete(AddressChange, { accountId });
  await em.nativeDelete(PasswordReset, { accountId });
  await em.nativeDelete(SsoIdentity, { accountId });
  await em.execute(
    'delete from scim_user where account_id = ? or invite_id in (select id from invite where accepted_by_id = ?)',
    [accountId, accountId],
  );
  await em.nativeDelete(Address, { accountId });
}
