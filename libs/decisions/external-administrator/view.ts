import { externalAdministratorRoles, seesAsDecidingSide, type Subject } from '#access';
import type { ExternalAdministratorRequestView } from '#contracts';
import {
  Account,
  CustomerAssignment,
  ExternalAdministratorRequest,
  loadTarget,
  Membership,
  Organization,
  type EntityManager,
} from '#persistence';
import { approvalStatusAt, settledAt } from '../approval/status.ts';
import { countMails } from '../mail-delivery/index.ts';
import { mailSightOf } from './mail-sight.ts';
import { partiesOfRequest } from './parties.ts';
import { externalRoleOf } from './role.ts';

/**
 * The customer's side reads everything. The partner's side reads what it typed: who the customer is and who there
 * decided it learns with an approval, and until then it cannot tell whether there is one.
 */
export async function viewExternalAdministratorRequest(
  em: EntityManager,
  viewer: Subject,
  request: ExternalAdministratorRequest,
  now: Date,
): Promise<ExternalAdministratorRequestView> {
  const status = approvalStatusAt(request, now);
  const asCustomer = seesAsDecidingSide(viewer, partiesOfRequest(request), now);
  const isOpen = asCustomer || status === 'approved';
  const named = request.customerDomain ? null : request.customerKey;
  const customer = isOpen && request.customerId ? await em.findOne(Organization, { id: request.customerId }) : null;
  const partner = await em.findOneOrFail(Organization, { id: request.partnerId });
  const requester = await em.findOneOrFail(Account, { id: request.requesterId });
  const decider =
    request.decidedById && (isOpen || request.decidedById === request.requesterId)
      ? await em.findOne(Account, { id: request.decidedById })
      : null;
  const target = asCustomer && status === 'pending' && customer ? await loadTarget(em, customer.id) : null;
  return {
    id: request.id,
    status,
    customerId: isOpen ? (request.customerId ?? named) : named,
    customerDomain: request.customerDomain ?? null,
    customerName: customer?.name ?? null,
    partnerId: request.partnerId,
    partnerName: partner.name,
    requester: { id: requester.id, displayName: requester.displayName, email: requester.email },
    addressedTo: request.addressedTo ?? null,
    reason: request.reason,
    createdAt: request.createdAt.toISOString(),
    decideBy: request.decideBy.toISOString(),
    decidedAt: settledAt(request, now),
    decidedBy: decider ? { id: decider.id, displayName: decider.displayName } : null,
    decisionReason: request.decisionReason ?? null,
    unexpected: request.unexpected,
    attached: isAttached(request),
    availableRoles: target ? [...externalAdministratorRoles(target, request.partnerId, now)] : [],
    access: await viewAccess(em, request, now),
    notifications: await countMails(em, mailSightOf(request, viewer, now)),
  };
}

/** Nobody approves a request of their own: one that was decided by its requester was attached by the deployment's policy. */
export const isAttached = ({ status, decidedById, requesterId }: ExternalAdministratorRequest): boolean =>
  status === 'approved' && decidedById === requesterId;

async function viewAccess(
  em: EntityManager,
  request: ExternalAdministratorRequest,
  now: Date,
): Promise<ExternalAdministratorRequestView['access']> {
  const membership = request.membershipId ? await em.findOne(Membership, { id: request.membershipId }) : null;
  if (!membership) return null;
  const isProvisioning =
    (await em.count(CustomerAssignment, { membershipId: membership.id, source: 'service_setup' })) > 0;
  const until = membership.until ?? null;
  // Also where it was written down as ended between the two reads: at its date, that is by the clock.
  const hasRunOut = until !== null && until <= (membership.removedAt ?? now);
  const endedAt = request.endedAt ?? membership.removedAt ?? (hasRunOut ? until : null);
  return {
    memberId: membership.id,
    role: externalRoleOf(membership, isProvisioning),
    until: until?.toISOString() ?? null,
    status: request.endedAs ?? (hasRunOut ? 'expired' : membership.removedAt ? 'ended' : 'active'),
    endedAt: endedAt?.toISOString() ?? null,
    endReason: request.endReason ?? null,
  };
}
