import { Refusal, type RefusalDetails } from '#contracts';
import { Invite, Membership, Organization, type ChangeRequest } from '#persistence';
import type { Approval } from '../approval/flow.ts';
import type { Decision } from '../decision.ts';
import { accountOf, openInvite, personKey } from '../invite/open.ts';
import { lockRow } from '../lock.ts';
import { appoint, giverByAgreement } from '../membership/appoint.ts';
import { tellMember } from '../membership/tell-member.ts';
import { applyToOrganization } from '../organization/apply.ts';
import { recordChange } from './record.ts';
import { toldOfMembership } from '../standing-told.ts';

/** The change takes effect, as if whoever proposed it had made it; its own event names who agreed. */
export async function makeChange(decision: Decision, approval: Approval<ChangeRequest>): Promise<void> {
  const { row: request, by, now } = approval;
  const organization = await lockRow(decision.em, Organization, { id: request.organizationId });
  if (!organization) throw new Refusal('not_found');
  recordChange(decision, request, { verb: 'approved', by, at: now });
  if (request.kind !== 'appointment') {
    const act = {
      action: 'change-request.approved',
      organizationIds: [organization.id],
      subject: { kind: 'organization', id: organization.id },
    };
    return applyToOrganization(decision, organization, request.change, { act, by, now, changeRequestId: request.id });
  }
  if (request.change.memberId) await appointMember(decision, approval, request.change.memberId);
  else await invite(decision, approval, organization);
}

async function appointMember(
  decision: Decision,
  { row: request, by, now, refuse }: Approval<ChangeRequest>,
  memberId: string,
): Promise<void> {
  const { em } = decision;
  const { organizationId } = request;
  const membership = await em.findOne(Membership, { id: memberId, organizationId, kind: 'home', removedAt: null });
  if (!membership) return refuse('no_longer_possible', stateOf('member_gone'));
  const before = membership.administratorRoles;
  if (before.includes('full_administrator')) return;
  membership.administratorRoles = [...before, 'full_administrator'];
  const event = decision.record({
    action: 'membership.administrator-roles-assigned',
    by,
    organizationIds: [organizationId],
    subject: { kind: 'membership', id: memberId },
    facts: {
      accountId: membership.accountId,
      from: before,
      to: membership.administratorRoles,
      gained: ['full_administrator'],
      lost: [],
      changeRequestId: request.id,
    },
    standing: { memberships: [toldOfMembership(membership)] },
    at: now,
  });
  await tellMember(decision, event, membership.accountId);
  const giver = await giverByAgreement(decision, organizationId, decision.actor.id);
  await appoint(decision, membership, ['full_administrator'], giver, now);
}

async function invite(
  decision: Decision,
  { row: request, now, refuse }: Approval<ChangeRequest>,
  organization: Organization,
): Promise<void> {
  const { em } = decision;
  const email = request.change.email ?? '';
  const account = await accountOf(em, email, organization.id);
  const isMember =
    account &&
    (await em.count(Membership, { organizationId: organization.id, accountId: account.id, removedAt: null }));
  if (isMember) return refuse('no_longer_possible', stateOf('already_member'));
  const open = await em.count(Invite, {
    organizationId: organization.id,
    personKey: await personKey(em, email, organization.id),
    status: { $in: ['pending', 'failed'] },
    expiresAt: { $gt: now },
  });
  if (open > 0) return refuse('no_longer_possible', stateOf('invite_open'));
  const made = await openInvite(decision, organization, {
    email,
    displayName: request.change.displayName ?? null,
    workspaceRole: null,
    administratorRoles: ['full_administrator'],
    scope: { kind: 'client' },
    appTray: { botBuilder: [], applications: [] },
    // Their right is judged once more when the invite is accepted.
    invitedById: request.requesterId,
    now,
  });
  // Who agreed stands behind the role that accepting gives.
  request.inviteId = made.id;
}

const stateOf = (why: string): RefusalDetails => ({ state: { why } });
