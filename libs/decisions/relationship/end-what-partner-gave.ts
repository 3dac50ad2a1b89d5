import { mayManageWebhooks, provisionedBy } from '#access';
import { LockMode } from '@mikro-orm/postgresql';
import {
  ApiKey,
  Invite,
  loadSubject,
  loadTarget,
  Membership,
  RoleAppointment,
  Webhook,
  type EntityManager,
} from '#persistence';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';
import { closeInvite } from '../invite/cancel.ts';
import { endAppointments } from '../membership/appoint.ts';
import { forgetWhatCameWith } from '../membership/forget-what-came-with.ts';
import { tellMember } from '../membership/tell-member.ts';
import { deactivateScimUser } from '../scim/deactivate.ts';
import { endSessionsAt } from '../session/end-sessions-at.ts';
import { toldOfMembership } from '../standing-told.ts';
import { disableOnRecord } from '../webhook/disable.ts';

const locked = { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true } as const;

/**
 * What came by a relationship ends with it: memberships that the partner gave to its own people at the customer, full
 * administrators of its choice whom nobody there confirmed, what it had invited, and webhooks. An organization keeps its last
 * Owner and its last full administrator even so.
 */
export async function endWhatPartnerGave(
  decision: Decision,
  { partnerId, customerId }: Affected,
  cause: Cause,
): Promise<void> {
  if (!partnerId || !customerId || cause !== 'relationship_ended') return;
  const { em } = decision;
  const now = await decision.now();
  const target = await loadTarget(em, customerId);
  if (!target || provisionedBy(target, partnerId, now)) return;

  const own = await ownPeopleGivenBy(em, partnerId, customerId);
  const members = await lockMembersOf(em, { partnerId, customerId });
  for (const membership of members.filter(({ id }) => own.has(id))) {
    if (isLast(membership, members)) continue;
    membership.removedAt = now;
    const event = decision.record({
      action: 'membership.removed',
      organizationIds: [customerId],
      subject: { kind: 'membership', id: membership.id },
      facts: { accountId: membership.accountId, administratorRoles: membership.administratorRoles, cause },
      standing: { memberships: [{ id: membership.id, endedAt: now }] },
      at: now,
    });
    await tellMember(decision, event, membership.accountId);
    await endAppointments(decision, membership, membership.administratorRoles, now);
    await endSessionsAt(em, { accountId: membership.accountId, organizationId: customerId, now });
    await forgetWhatCameWith(decision, membership, now);
    await deactivateScimUser(em, membership);
  }
  await endUnconfirmedOffices(decision, members, { partnerId, customerId }, cause, now);
  await cancelInvitesOf(decision, { partnerId, customerId }, now);
  await disableWebhooksOf(decision, { partnerId, customerId }, cause, now);
}

/**
 * The customer's own members, locked where the partner gave anything there, else none: who stays must not go meanwhile.
 * Whoever ends a relationship calls it before they lock anything else, since memberships come first.
 */
export async function lockMembersOf(
  em: EntityManager,
  { partnerId, customerId }: { partnerId: string; customerId: string },
): Promise<Membership[]> {
  const own = await ownPeopleGivenBy(em, partnerId, customerId);
  const offices = await em.count(RoleAppointment, unconfirmedOffices({ partnerId, customerId }));
  if (own.size + offices === 0) return [];
  return em.find(Membership, { organizationId: customerId, kind: 'home', removedAt: null }, locked);
}

const unconfirmedOffices = ({ partnerId, customerId }: { partnerId: string; customerId: string }) => ({
  organizationId: customerId,
  partnerId,
  role: 'full_administrator' as const,
  confirmedById: null,
  endedAt: null,
});

/** Memberships at the customer of people who belong to the partner, where the partner gave them. */
async function ownPeopleGivenBy(em: EntityManager, partnerId: string, customerId: string): Promise<Set<string>> {
  const rows = await em.execute<{ id: string }[]>(
    `select held.id from membership held
      where held.organization_id = ? and held.kind = 'home' and held.removed_at is null
        and exists (select 1 from membership partners where partners.account_id = held.account_id
                       and partners.organization_id = ? and partners.removed_at is null)
        and (exists (select 1 from role_appointment given where given.membership_id = held.id and given.partner_id = ?)
          or exists (select 1 from invite
                       join membership inviter on inviter.account_id = invite.invited_by_id
                                              and inviter.organization_id = ?
                      where invite.organization_id = held.organization_id and invite.status = 'accepted'
                        and invite.accepted_by_id = held.account_id))`,
    [customerId, partnerId, partnerId, partnerId],
  );
  return new Set(rows.map(({ id }) => id));
}

function isLast(membership: Membership, members: readonly Membership[]): boolean {
  const others = members.filter(({ id, removedAt }) => id !== membership.id && !removedAt);
  const isFull = ({ administratorRoles }: Membership) => administratorRoles.includes('full_administrator');
  const isOwner = ({ workspaceRole }: Membership) => workspaceRole === 'owner';
  return (isFull(membership) && !others.some(isFull)) || (isOwner(membership) && !others.some(isOwner));
}

async function endUnconfirmedOffices(
  decision: Decision,
  members: readonly Membership[],
  { partnerId, customerId }: { partnerId: string; customerId: string },
  cause: Cause,
  now: Date,
): Promise<void> {
  const { em } = decision;
  const offices = await em.find(RoleAppointment, unconfirmedOffices({ partnerId, customerId }));
  for (const { membershipId } of offices) {
    const membership = members.find(({ id, removedAt }) => id === membershipId && !removedAt);
    if (!membership || isLast(membership, members)) continue;
    const before = membership.administratorRoles;
    const after = before.filter((role) => role !== 'full_administrator');
    membership.administratorRoles = after;
    const event = decision.record({
      action: 'membership.administrator-roles-assigned',
      organizationIds: [customerId],
      subject: { kind: 'membership', id: membership.id },
      facts: {
        accountId: membership.accountId,
        from: before,
        to: after,
        gained: [],
        lost: ['full_administrator'],
        cause,
      },
      standing: { memberships: [toldOfMembership(membership)] },
      at: now,
    });
    await tellMember(decision, event, membership.accountId);
    await endAppointments(decision, membership, ['full_administrator'], now);
  }
  await em.flush();
}

async function cancelInvitesOf(
  decision: Decision,
  { partnerId, customerId }: { partnerId: string; customerId: string },
  now: Date,
): Promise<void> {
  const { em } = decision;
  const people = (await em.find(Membership, { organizationId: partnerId, removedAt: null })).map(
    (one) => one.accountId,
  );
  const keys = await em.find(ApiKey, { organizationId: customerId, createdByAccountId: { $in: people } });
  const invites = await em.find(
    Invite,
    {
      organizationId: customerId,
      status: { $in: ['pending', 'failed'] },
      invitedById: { $in: [...people, ...keys.map(({ id }) => id)] },
    },
    locked,
  );
  for (const invite of invites) await closeInvite(decision, invite, { cause: 'relationship_ended', now });
}

/** What its people had sent to addresses of their choice, where nothing else lets them. */
async function disableWebhooksOf(
  decision: Decision,
  { partnerId, customerId }: { partnerId: string; customerId: string },
  cause: Cause,
  now: Date,
): Promise<void> {
  const { em } = decision;
  await em.flush();
  const target = await loadTarget(em, customerId);
  const webhooks = await em.find(Webhook, { organizationId: customerId, enabled: true }, locked);
  for (const webhook of webhooks) {
    const voucher = webhook.vouchedByAccountId && (await loadSubject(em, webhook.vouchedByAccountId));
    const isOfPartner = voucher && voucher.memberships.some(({ organizationId }) => organizationId === partnerId);
    if (!target || !isOfPartner || mayManageWebhooks(voucher, target, now).allowed) continue;
    await disableOnRecord(decision, webhook, 'right_lost', { now, cause });
  }
  await em.flush();
}
