import { externalAdministratorRoles, mayApproveExternalAdministrator } from '#access';
import { normalizeAddress, Refusal, type ApproveExternalAdministrator, type RefusalDetails } from '#contracts';
import {
  Account,
  Address,
  loadTarget,
  Membership,
  Organization,
  type EntityManager,
  type ExternalAdministratorRequest,
} from '#persistence';
import type { Approval } from '../approval/flow.ts';
import type { Decision } from '../decision.ts';
import { admitExternalAdministrator } from './admit.ts';
import { couldComeIn } from './could-come-in.ts';
import { partiesOfRequest } from './parties.ts';
import { recordForBoth } from './record.ts';
import { toldOfExternalMembership } from './role.ts';
import { endWithinTerm, isByTerm } from './term.ts';

/**
 * Lets the requester in, with a role and perhaps an end. The typed address must be the requester's: a wrong one is
 * refused and goes on record, and the request stays as it is, so it can be corrected. Tries are not counted: the
 * approver, who could approve anyway, is whom the typing protects.
 */
export async function approveExternalAdministrator(
  decision: Decision,
  { row: request, actor, by, now, refuse }: Approval<ExternalAdministratorRequest>,
  { email, role, until }: ApproveExternalAdministrator,
): Promise<void> {
  const { em } = decision;
  const wished = until ? new Date(until) : null;
  const target = request.customerId && (await loadTarget(em, request.customerId));
  if (!target) throw new Refusal('not_found');

  const account = await em.findOneOrFail(Account, { id: request.requesterId });
  const customer = await em.findOneOrFail(Organization, { id: target.id });
  if (!(await couldComeIn(em, customer, request.requesterId))) return refuse('sign_in_not_possible');
  const ruling = mayApproveExternalAdministrator(
    actor,
    target,
    { ...partiesOfRequest(request), requesterEmails: await confirmedAddresses(em, account) },
    { email: normalizeAddress(email), role, until: wished },
    now,
  );
  if (!ruling.allowed && ruling.code === 'invalid_request') refuseUntil();
  if (!ruling.allowed) {
    const roles = externalAdministratorRoles(target, request.partnerId, now);
    const pointed: Readonly<Record<string, RefusalDetails>> = {
      address_not_confirmed: { errors: [{ pointer: '/email', message: 'Not an address of the person who asks' }] },
      role_not_available: { roles, errors: [{ pointer: '/role', message: `One of ${roles.join(', ')}` }] },
    };
    return refuse(ruling.code, pointed[ruling.code]);
  }

  const end = endWithinTerm(customer, wished, now);
  const former = await em.findOne(Membership, {
    organizationId: target.id,
    accountId: request.requesterId,
    removedAt: null,
  });
  const membership = await admitExternalAdministrator(decision, {
    request,
    customerId: target.id,
    role,
    until: end,
    former,
    by,
    now,
  });
  recordForBoth(decision, request, {
    verb: 'approved',
    by,
    facts: {
      role,
      until: end,
      accountId: request.requesterId,
      memberId: membership.id,
      relationshipId: membership.relationshipId,
    },
    standing: toldOfExternalMembership(membership, role, request.partnerId),
    at: now,
  });
}

export const isSameExternalAdministrator = (
  _decision: Decision,
  request: ExternalAdministratorRequest,
  { role, until }: ApproveExternalAdministrator,
): boolean =>
  request.approvedRole === role &&
  (until
    ? request.until?.getTime() === new Date(until).getTime()
    : !request.until || isByTerm(request.until, request.decidedAt));

export function refuseUntil(): never {
  throw new Refusal('invalid_request', { errors: [{ pointer: '/until', message: 'in the future' }] });
}

/** What the person has proved by a mail: the word of their partner or its provider could be anybody's address. */
async function confirmedAddresses(em: EntityManager, account: Account): Promise<string[]> {
  const addresses = await em.find(Address, {
    accountId: account.id,
    verifiedAt: { $ne: null },
  });
  return addresses.map(({ address }) => address);
}
