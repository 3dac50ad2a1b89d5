import {
  externalAdministratorRoles,
  mayApproveExternalAdministrator,
  mayBecomeExternalAdministrator,
  mayRequestExternalAdministration,
} from '#access';
import { Refusal, type ApproveExternalAdministrator, type RefusalDetails } from '#contracts';
import {
  Account,
  Address,
  loadSubject,
  loadTarget,
  type EntityManager,
  type ExternalAdministratorRequest,
} from '#persistence';
import type { Decision } from '../decision.ts';
import { admitExternalAdministrator } from './admit.ts';
import {
  isSettledAlike,
  judgeApprover,
  openRequestCaseToAct,
  refuseApprover,
  refuseRequestAct,
  refuseUnlessPending,
  refuseUnlessPerson,
} from './find.ts';
import { recordForBoth } from './record.ts';

/**
 * A full administrator of the customer lets the asker in, with a role and perhaps an end. The typed address must be the
 * asker's: a wrong one is refused and goes on record, and the request stays as it is, so it can be corrected. Tries are
 * not counted: the approver, who could approve anyway, is whom the typing protects.
 */
export async function approveExternalAdministrator(
  decision: Decision,
  requestId: string,
  { email, role, until }: ApproveExternalAdministrator,
): Promise<ExternalAdministratorRequest> {
  const { em, actor } = decision;
  const opened = await openRequestCaseToAct(decision, requestId, 'approved');
  const { request, parties, membership: former, now } = opened;
  const end = until ? new Date(until) : null;
  const isSame = request.approvedRole === role && request.until?.getTime() === end?.getTime();
  if (isSettledAlike(request, 'approved', decision) && isSame) return request;

  refuseUnlessPerson(opened, decision, 'approved');
  const approver = await judgeApprover(decision.em, opened.actor, parties, parties.customerId, now);
  if (!approver.allowed) return refuseApprover(opened, 'approved', approver.code);
  refuseUnlessPending(opened, 'approved');
  const target = parties.customerId && (await loadTarget(em, parties.customerId));
  if (!target) throw new Refusal('not_found');

  const requester = await loadSubject(em, request.requesterId);
  const account = await em.findOneOrFail(Account, { id: request.requesterId });
  const isEntitled =
    !account.removedAt &&
    mayRequestExternalAdministration(requester, request.partnerId, target, now).allowed &&
    mayBecomeExternalAdministrator(requester, now, account).allowed;
  if (!isEntitled) return refuseRequestAct(opened, 'approved', 'requester_not_entitled');

  const ruling = mayApproveExternalAdministrator(
    opened.actor,
    target,
    {
      requesterAccountId: request.requesterId,
      partnerId: request.partnerId,
      requesterEmails: await confirmedAddresses(em, account),
    },
    { email, role, until: end },
    now,
  );
  if (!ruling.allowed && ruling.code === 'invalid_request') refuseUntil();
  if (!ruling.allowed) {
    const roles = externalAdministratorRoles(target, request.partnerId, now);
    const pointed: Readonly<Record<string, RefusalDetails>> = {
      address_not_confirmed: { errors: [{ pointer: '/email', message: 'Not an address of the person who asks' }] },
      role_not_available: { roles, errors: [{ pointer: '/role', message: `One of ${roles.join(', ')}` }] },
    };
    return refuseRequestAct(opened, 'approved', ruling.code, pointed[ruling.code]);
  }

  request.status = 'approved';
  request.decidedAt = now;
  request.decidedById = actor.id;
  const membership = await admitExternalAdministrator(decision, {
    request,
    customerId: target.id,
    role,
    until: end,
    former,
    by: ruling.by,
    now,
  });
  recordForBoth(decision, request, {
    verb: 'approved',
    by: ruling.by,
    facts: {
      role,
      until: end,
      accountId: request.requesterId,
      memberId: membership.id,
      relationshipId: membership.relationshipId,
    },
    at: now,
  });
  await decision.nudge('externalAdministrator', request.id);
  return request;
}

export function refuseUntil(): never {
  throw new Refusal('invalid_request', { errors: [{ pointer: '/until', message: 'in the future' }] });
}

/** The primary address and the aliases the person has proved: an unproved one could be anybody's. */
async function confirmedAddresses(em: EntityManager, account: Account): Promise<string[]> {
  const addresses = await em.find(Address, {
    accountId: account.id,
    $or: [{ kind: 'primary' }, { verifiedAt: { $ne: null } }],
  });
  return [account.email, ...addresses.map(({ address }) => address)];
}
