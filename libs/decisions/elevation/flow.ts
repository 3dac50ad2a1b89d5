import { mayDecide, mayRequestElevation, maySeeRequest, mayWithdraw } from '#access';
import type { ElevationView } from '#contracts';
import { Elevation, loadStanding, subjectIn } from '#persistence';
import type { ApprovalFlow } from '../approval/flow.ts';
import { approveElevation, isSameElevation, type ElevationTerms } from './approve.ts';
import { partiesOfElevation } from './parties.ts';
import { readElevation, viewElevation } from './view.ts';

/** A help-desk agent asks a customer's administrators for full access, for a time. Both sides know each other. */
export const elevationFlow: ApprovalFlow<Elevation, ElevationTerms, ElevationView> = {
  feature: 'elevation',
  workflowType: 'elevation',
  entity: Elevation,
  tenancy: 'caller',
  table: 'elevation',
  notPending: 'elevation_not_pending',
  oneOpen: { index: 'elevation_one_open', code: 'elevation_already_open' },
  parties: partiesOfElevation,
  maySee: maySeeRequest,
  mayDecide,
  mayWithdraw,
  async entitlement(em, { requesterId, partnerId, customerId }, now, inHand) {
    const standing = inHand ?? (await loadStanding(em, { subjectIds: [requesterId], organizationIds: [customerId] }));
    const target = standing.organizations.get(customerId);
    if (!target) return { allowed: false, code: 'not_found' };
    return mayRequestElevation(subjectIn(standing, requesterId), partnerId, target, now);
  },
  restingOn: ({ accountId, partnerId, customerId }) => ({
    ...(accountId && { requesterId: accountId }),
    ...(partnerId && { partnerId }),
    ...(customerId && { customerId }),
  }),
  isSameApproval: isSameElevation,
  approve: approveElevation,
  record(decision, { id, customerId, partnerId }, { verb, by, facts, reason, grantId, at, actor }) {
    decision.record({
      action: `elevation.${verb}`,
      by,
      organizationIds: [customerId, partnerId],
      subject: { kind: 'elevation', id },
      ...(facts && { facts }),
      ...(reason && { personal: { reason } }),
      ...(grantId && { grantId }),
      at,
      ...(actor && { actor }),
    });
  },
  refusal: ({ customerId, partnerId }) => ({ organizationIds: [customerId, partnerId] }),
  mailSight: ({ id }) => ({ rowId: id }),
  view: (em, _viewer, elevation, now, deciders) => viewElevation(em, elevation, now, deciders),
  read: readElevation,
};
