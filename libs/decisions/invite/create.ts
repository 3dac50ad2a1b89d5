import { knowsOrganization, mayInvite, type InviteContents, type Subject, type TargetOrganization } from '#access';
import { normalizeAddress, Refusal, type CreateInvite } from '#contracts';
import { Address, Invite, loadTarget, Membership, Organization, type Account, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { requireGroups } from '../group/require-groups.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { closeExpiredInvite } from './expire.ts';
import { firstPersonContents } from './first-person.ts';
import { accountOf, openInvite } from './open.ts';

/** What the rules look at, read once for one invite or for many. */
export interface Inviting {
  organization: Organization;
  target: TargetOrganization;
  subject: Subject;
  now: Date;
}

/** `invite` is the one that was open already unless `isNew`. */
export interface Invited {
  invite: Invite;
  isNew: boolean;
}

/** 404 for an organization the actor does not know; runs as the system, since the invited person may be anybody's. */
export async function beginInviting({ em, actor, now }: Decision, organizationId: string): Promise<Inviting> {
  const organization = await em.findOne(Organization, { id: organizationId });
  const target = await loadTarget(em, organizationId);
  const subject = await subjectOf(em, actor);
  const time = await now();
  if (!organization || !target || !knowsOrganization(subject, target, time)) throw new Refusal('not_found');
  return { organization, target, subject, now: time };
}

/** Invites somebody; while an invite of the person is open, that one is returned and nothing changes. */
export async function createInvite(decision: Decision, inviting: Inviting, input: CreateInvite): Promise<Invited> {
  const { em, actor } = decision;
  const { organization, target, subject, now } = inviting;
  const firstPerson = await firstPersonContents(em, inviting, input);
  const contents = firstPerson ?? contentsOf(input);
  const ruling = mayInvite(subject, target, contents, now);
  if (!firstPerson && !ruling.allowed) {
    return refuseAct(
      {
        action: 'invite.created',
        organizationIds: [organization.id],
        subject: { kind: 'organization', id: organization.id },
      },
      ruling.code,
    );
  }
  await requireGroups(em, organization.id, contents.scope);

  const account = await accountOf(em, input.email);
  if (account && (await isMember(em, organization.id, account, now))) throw new Refusal('already_member');
  const open = await lockRow(em, Invite, {
    organizationId: organization.id,
    personKey: { $in: await keysOf(em, account, input.email) },
    status: { $in: ['pending', 'failed'] },
  });
  if (open && open.expiresAt > now) return { invite: open, isNew: false };
  if (open) {
    await closeExpiredInvite(decision, open, now);
    await em.flush();
  }
  const invite = await openInvite(decision, organization, {
    email: input.email,
    displayName: input.displayName ?? null,
    ...contents,
    // Nobody's right stands behind the first person but the support team's, which is not judged again.
    invitedById: firstPerson ? null : actor.id,
    now,
  });
  return { invite, isNew: true };
}

/** As `InviteContents`, in the shape that is stored. */
export type StoredContents = Pick<Invite, 'administratorRoles' | 'scope' | 'appTray'> &
  Pick<InviteContents, 'workspaceRole'>;

function contentsOf(input: CreateInvite): StoredContents {
  return {
    workspaceRole: input.workspaceRole ?? null,
    administratorRoles: input.administratorRoles ?? [],
    scope: input.scope ?? { kind: 'client' },
    appTray: input.appTray ?? { botBuilder: [], applications: [] },
  };
}

async function isMember(em: EntityManager, organizationId: string, account: Account, now: Date): Promise<boolean> {
  const membership = await em.findOne(Membership, { organizationId, accountId: account.id, removedAt: null });
  return membership !== null && (!membership.until || membership.until > now);
}

/** An invite from before the person had the account, or this alias, is kept under the address. */
async function keysOf(em: EntityManager, account: Account | null, email: string): Promise<string[]> {
  if (!account) return [normalizeAddress(email)];
  const addresses = await em.find(Address, { accountId: account.id });
  return [account.id, ...addresses.map(({ address }) => address)];
}
