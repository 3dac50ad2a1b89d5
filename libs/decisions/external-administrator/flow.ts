import {
  mayBecomeExternalAdministrator,
  mayDecide,
  mayRequestExternalAdministration,
  maySeeRequest,
  mayWithdraw,
} from '#access';
import type { ApproveExternalAdministrator, ExternalAdministratorRequestView } from '#contracts';
import { Account, ExternalAdministratorRequest, loadSubject, loadTarget, Membership } from '#persistence';
import type { ApprovalFlow } from '../approval/flow.ts';
import { lockRow } from '../lock.ts';
import { approveExternalAdministrator, isSameExternalAdministrator } from './approve.ts';
import { mailSightOf } from './mail-sight.ts';
import { partiesOfRequest } from './parties.ts';
import { recordDeed } from './record.ts';
import { viewExternalAdministratorRequest } from './view.ts';

/**
 * A partner's administrator asks a customer to administer it. Neither side reads the other's people, and until an
 * approval the partner's side cannot tell whether there is such a customer.
 */
export const externalAdministratorFlow: ApprovalFlow<
  ExternalAdministratorRequest,
  ApproveExternalAdministrator,
  ExternalAdministratorRequestView
> = {
  feature: 'external-administrator',
  workflowType: 'externalAdministrator',
  entity: ExternalAdministratorRequest,
  tenancy: 'system',
  table: 'external_administrator_request',
  notPending: 'request_not_pending',
  oneOpen: { index: 'external_administrator_request_one_open', code: 'request_already_open' },
  parties: partiesOfRequest,
  maySee: maySeeRequest,
  mayDecide,
  mayWithdraw,
  /** What the requester still has of an earlier time: an approval puts the new membership in its place. */
  async lockFirst(em, { customerId, requesterId }) {
    if (customerId)
      await lockRow(em, Membership, { organizationId: customerId, accountId: requesterId, removedAt: null });
  },
  async entitlement(em, { requesterId, partnerId, customerId }, now) {
    const account = await em.findOne(Account, { id: requesterId, removedAt: null });
    if (!account) return { allowed: false, code: 'account_removed' };
    const requester = await loadSubject(em, requesterId);
    const target = customerId ? await loadTarget(em, customerId) : null;
    const eligible = mayBecomeExternalAdministrator(requester, now, account);
    return eligible.allowed ? mayRequestExternalAdministration(requester, partnerId, target, now) : eligible;
  },
  // No relationship is needed to ask, so without a person there is nobody who lost the right.
  restingOn: ({ accountId, partnerId }) =>
    accountId ? { requesterId: accountId, ...(partnerId && { partnerId }) } : null,
  isSameApproval: isSameExternalAdministrator,
  approve: approveExternalAdministrator,
  record: recordDeed,
  /**
   * On record on both sides, for each apart. Only what the customer's own people try before an approval stays with the
   * customer: it would tell the partner that there is one.
   */
  refusal({ customerId, partnerId, status }, { memberships }) {
    const ofCustomer = memberships.some(({ organizationId }) => organizationId === customerId);
    const isTold = !ofCustomer || status === 'approved';
    return { organizationIds: [...(isTold ? [partnerId] : []), ...(customerId ? [customerId] : [])], isApart: true };
  },
  mailSight: mailSightOf,
  view: viewExternalAdministratorRequest,
};
