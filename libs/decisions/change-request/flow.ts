import { mayDecide, mayProposeChange, maySeeRequest, mayWithdraw } from '#access';
import type { ChangeRequestView } from '#contracts';
import { ChangeRequest, loadInviter, loadTarget, Membership } from '#persistence';
import type { ApprovalFlow } from '../approval/flow.ts';
import { lockRow } from '../lock.ts';
import { makeChange } from './make.ts';
import { partiesOfChange, recordChange, sidesOfChange } from './record.ts';
import { viewChangeRequest } from './view.ts';

/**
 * A change of who may decide, or of how somebody signs in, proposed by whoever holds the right to it and made when an
 * independent full administrator agrees. Decided by the system: the change touches people and settings of both sides.
 */
export const changeRequestFlow: ApprovalFlow<ChangeRequest, object, ChangeRequestView> = {
  feature: 'change-request',
  workflowType: 'changeRequest',
  entity: ChangeRequest,
  tenancy: 'system',
  table: 'change_request',
  notPending: 'request_not_pending',
  oneOpen: { index: 'change_request_one_open', code: 'change_request_already_open' },
  parties: partiesOfChange,
  maySee: maySeeRequest,
  mayDecide,
  mayWithdraw,
  /** Whoever is to become a full administrator. */
  async lockFirst(em, { organizationId, change: { memberId } }) {
    if (memberId) await lockRow(em, Membership, { id: memberId, organizationId });
  },
  async entitlement(em, { organizationId, partnerId = null, requesterId, kind, change }, now) {
    const target = await loadTarget(em, organizationId);
    if (!target) return { allowed: false, code: 'not_found' };
    const proposal = { kind, partnerId, foreignSignIn: change.foreignSignIn !== undefined };
    return mayProposeChange(await loadInviter(em, requesterId), target, proposal, now);
  },
  restingOn: ({ accountId, partnerId, customerId }) =>
    accountId
      ? { requesterId: accountId }
      : { ...(partnerId && { partnerId }), ...(customerId && { organizationId: customerId }) },
  isSameApproval: () => true,
  approve: makeChange,
  record: recordChange,
  refusal: (request) => ({ organizationIds: sidesOfChange(request) }),
  mailSight: ({ id }) => ({ rowId: id }),
  view: (em, _viewer, request, now) => viewChangeRequest(em, request, now),
};
