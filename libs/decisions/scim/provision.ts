import { mayDeprovision } from '#access';
import { Invite, Membership, Organization, type EntityManager, type ScimToken, type ScimUser } from '#persistence';
import type { Decision } from '../decision.ts';
import { closeInvite } from '../invite/cancel.ts';
import { keysOf, oneAtATime } from '../invite/create.ts';
import { closeExpiredInvite } from '../invite/expire.ts';
import { isFirst } from '../invite/manage.ts';
import { accountOf, openInvite } from '../invite/open.ts';
import { lockRow } from '../lock.ts';
import { lockWithThoseWhoAnswer } from '../membership/administrators.ts';
import { describeTarget } from '../membership/open-member.ts';
import { endMembership } from '../membership/remove.ts';
import { refuseAct } from '../refuse-act.ts';

/**
 * Leads a person to the membership the directory wants for them: whoever is a member stays one as they are, whoever has
 * an open invite keeps it, and everybody else is invited. Joining is left to them. `anew`: also where an invite was
 * withdrawn, or refused by time, before.
 */
export async function provision(
  decision: Decision,
  { workspaceRole, responsibleId }: ScimToken,
  user: ScimUser,
  now: Date,
  { anew = true }: { anew?: boolean } = {},
): Promise<void> {
  const { em } = decision;
  const { organizationId, address } = user;
  const account = await accountOf(em, address, organizationId);
  await oneAtATime(em, organizationId, account?.id ?? address);
  const member = await memberOf(em, user);
  if (member) {
    user.accountId = member.accountId;
    return;
  }
  // An external administrator of that address is the approval's, not the directory's.
  const external = account && (await em.count(Membership, { organizationId, accountId: account.id, removedAt: null }));
  if (external) return;
  const open = await lockRow(em, Invite, {
    organizationId,
    personKey: { $in: await keysOf(em, account, address, organizationId) },
    status: { $in: ['pending', 'failed'] },
  });
  if (open && open.expiresAt > now) {
    if (isDirectorys(open)) user.inviteId = open.id;
    return;
  }
  if (open) {
    await closeExpiredInvite(decision, open, now);
    await em.flush();
  }
  if (!anew && !open) return;
  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const invite = await openInvite(decision, organization, {
    email: address,
    displayName: user.displayName ?? nameInWords(user),
    workspaceRole,
    administratorRoles: [],
    scope: { kind: 'client' },
    appTray: { botBuilder: [], applications: [] },
    // By whose right the directory invites; judged again when it is accepted.
    invitedById: responsibleId,
    now,
  });
  user.inviteId = invite.id;
  // A person who left and comes again may come as somebody else.
  user.accountId = null;
}

/**
 * Ends what the person has in the organization as removing the member does: membership, sessions, grants and open
 * requests, in this transaction; and the invite they have not accepted. Of an Owner or the last full administrator
 * refused, on record.
 */
export async function deprovision(decision: Decision, user: ScimUser, now: Date): Promise<void> {
  const { em } = decision;
  const { organizationId } = user;
  const before = await lockMemberOf(decision, user);
  await withdrawInvite(decision, user, now);
  // Whoever accepted while we waited for the invite is a member by now.
  const found = before ?? (await lockMemberOf(decision, user));
  user.active = false;
  if (!found) return;
  const { membership, answering } = found;
  user.accountId = membership.accountId;
  const ruling = mayDeprovision(await describeTarget(em, membership, answering));
  if (!ruling.allowed)
    return refuseAct(
      {
        action: 'membership.removed',
        organizationIds: [organizationId],
        subject: { kind: 'membership', id: membership.id },
      },
      ruling.code,
    );
  await endMembership(decision, membership, { by: ruling.by, now });
}

/** The person's invite, where they have not accepted it and the directory may give what it gives. */
export async function withdrawInvite(decision: Decision, { inviteId }: ScimUser, now: Date): Promise<void> {
  const invite = inviteId ? await lockRow(decision.em, Invite, { id: inviteId }) : null;
  if (!invite || (invite.status !== 'pending' && invite.status !== 'failed')) return;
  await closeInvite(decision, invite, { by: 'directory', now });
}

async function lockMemberOf(
  { em }: Decision,
  user: ScimUser,
): Promise<{ membership: Membership; answering: Membership[] } | null> {
  const member = await memberOf(em, user);
  if (!member) return null;
  const answering = await lockWithThoseWhoAnswer(em, user.organizationId, { id: member.id });
  const membership = answering.find(({ id }) => id === member.id);
  return membership ? { membership, answering } : null;
}

/** The home member the user stands for: the one known already, or by the invite or the address that leads to them. */
async function memberOf(em: EntityManager, user: ScimUser): Promise<Membership | null> {
  const { organizationId, accountId, inviteId, address } = user;
  const memberAt = (id: string) =>
    em.findOne(Membership, { organizationId, accountId: id, kind: 'home', removedAt: null }, { refresh: true });
  const known = accountId ? await memberAt(accountId) : null;
  if (known) return known;
  const invite = inviteId ? await em.findOne(Invite, { id: inviteId }, { refresh: true }) : null;
  const joined = invite?.acceptedById ? await memberAt(invite.acceptedById) : null;
  if (joined) return joined;
  const account = await accountOf(em, address, organizationId);
  return account ? memberAt(account.id) : null;
}

/** An invite that gives more, or that stands for nobody's right, is not the directory's to keep or withdraw. */
const isDirectorys = (invite: Invite): boolean =>
  !isFirst(invite) && invite.workspaceRole !== 'owner' && invite.administratorRoles.length === 0;

function nameInWords({ name, userName }: ScimUser): string {
  const whole = [name.givenName, name.familyName].filter(Boolean).join(' ');
  return name.formatted ?? (whole || userName);
}
