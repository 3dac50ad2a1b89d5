import {
  inviteSight,
  knowsOrganization,
  mayInvite,
  mayMakeAdministratorOf,
  peopleSight,
  standsForPerson,
  type Subject,
} from '#access';
import { normalizeAddress, Refusal, type CreateInvite } from '#contracts';
import {
  Address,
  continueAsSystem,
  Invite,
  loadTarget,
  Membership,
  Organization,
  Relationship,
  worksForPartner,
  type Account,
  type EntityManager,
} from '#persistence';
import { needsAgreement, refuseWithoutAgreement } from '../change-request/required.ts';
import type { Decision } from '../decision.ts';
import { requireGroups } from '../group/require-groups.ts';
import { lockRow } from '../lock.ts';
import { refuseAct } from '../refuse-act.ts';
import { subjectOf } from '../subject-of.ts';
import { inviterStillMay } from './accept.ts';
import { closeExpiredInvite } from './expire.ts';
import { firstPersonContents } from './first-person.ts';
import type { Inviting, StoredContents } from './inviting.ts';
import { accountOf, nobody, openInvite } from './open.ts';
import { sendAgain } from './resend.ts';
import { givesTheSame } from './same-parts.ts';

/** `invite` is the one that was open already unless `isNew`. */
export interface Invited {
  invite: Invite;
  isNew: boolean;
}

/**
 * 404 for whoever does not see the organization's people, on record where the two have to do with each other. Goes on as
 * the system, whoever called: the invited person may be known to an organization out of the caller's sight.
 */
export async function beginInviting({ em, actor, now }: Decision, organizationId: string): Promise<Inviting> {
  await continueAsSystem(em);
  const organization = await em.findOne(Organization, { id: organizationId });
  const target = await loadTarget(em, organizationId);
  const subject = await subjectOf(em, actor);
  const time = await now();
  if (!organization || !target) throw new Refusal('not_found');
  if (inviteSight(subject, target, time) === 'hidden') {
    const related = knowsOrganization(subject, target, time) || (await isCustomerOf(em, subject, organizationId));
    if (related) return refuseAct({ ...creationIn(organizationId), because: 'forbidden' }, 'not_found');
    throw new Refusal('not_found');
  }
  return { organization, target, subject, now: time };
}

async function isCustomerOf(em: EntityManager, { memberships }: Subject, partnerId: string): Promise<boolean> {
  const customerId = { $in: memberships.map(({ organizationId }) => organizationId) };
  return (await em.count(Relationship, { partnerId, customerId })) > 0;
}

const creationIn = (organizationId: string) => ({
  action: 'invite.created',
  organizationIds: [organizationId],
  subject: { kind: 'organization', id: organizationId },
});

/**
 * Invites somebody; while an invite of the person that gives just this is open, that one is returned and nothing
 * changes. One that gives something else is not overwritten: 409 with how it stands.
 */
export async function createInvite(decision: Decision, inviting: Inviting, input: CreateInvite): Promise<Invited> {
  const { em, actor } = decision;
  const { organization, target, subject, now } = inviting;
  const firstPerson = await firstPersonContents(em, inviting, input);
  const contents = firstPerson ?? contentsOf(input);
  const account = await accountOf(em, input.email, organization.id);
  const right = mayInvite(subject, target, contents, now);
  const person = { worksForPartner: await worksForPartner(em, account?.id ?? nobody) };
  const ruling = mayMakeAdministratorOf(subject, target, person, contents.administratorRoles, now, right);
  if (!firstPerson && !ruling.allowed) {
    return refuseAct(creationIn(organization.id), ruling.code);
  }
  if (!firstPerson && (await needsAgreement(decision, subject, target, contents.administratorRoles, now))) {
    const { email, displayName } = input;
    return refuseWithoutAgreement(creationIn(organization.id), { kind: 'appointment', email, displayName });
  }
  await requireGroups(em, organization.id, contents.scope);

  await oneAtATime(em, organization.id, account?.id ?? normalizeAddress(input.email));
  const member = await memberOf(em, organization.id, account?.id ?? nobody, now);
  if (member) {
    const tells = peopleSight(subject, target, now) === 'seen';
    throw new Refusal('already_member', tells ? { state: { memberId: member.id } } : {});
  }
  const open = await lockRow(em, Invite, {
    organizationId: organization.id,
    personKey: { $in: await keysOf(em, account, input.email, organization.id) },
    status: { $in: ['pending', 'failed'] },
  });
  if (open && open.expiresAt > now) {
    if (givesTheSame(open, contents)) {
      // Its link would be refused: whoever invites now stands behind it from now on.
      const isDead = !(await inviterStillMay(em, open, target, now));
      if (isDead && ruling.allowed) await sendAgain(decision, open, ruling.by, now);
      return { invite: open, isNew: false };
    }
    const { id: inviteId, status, workspaceRole, administratorRoles, expiresAt } = open;
    throw new Refusal('invite_open', {
      state: { inviteId, status, workspaceRole: workspaceRole ?? null, administratorRoles, expiresAt },
    });
  }
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

function contentsOf(input: CreateInvite): StoredContents {
  return {
    workspaceRole: input.workspaceRole ?? null,
    administratorRoles: input.administratorRoles ?? [],
    scope: input.scope ?? { kind: 'client' },
    appTray: input.appTray ?? { botBuilder: [], applications: [] },
  };
}

/** Invites of one person wait for each other, so that those who ask at once get one invite and no conflict. */
export async function oneAtATime(em: EntityManager, organizationId: string, person: string): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`invite ${organizationId} ${person}`]);
}

async function memberOf(em: EntityManager, organizationId: string, accountId: string, now: Date) {
  const membership = await em.findOne(Membership, { organizationId, accountId, removedAt: null });
  return membership && (!membership.until || membership.until > now) ? membership : null;
}

/** An invite from before the person had the account, or this alias, is kept under the address. */
export async function keysOf(
  em: EntityManager,
  account: Account | null,
  email: string,
  organizationId: string,
): Promise<string[]> {
  const addresses = await em.find(Address, { accountId: account?.id ?? nobody });
  if (!account) return [normalizeAddress(email)];
  const own = addresses.filter((address) => standsForPerson(address, organizationId));
  return [account.id, ...own.map(({ address }) => address)];
}
