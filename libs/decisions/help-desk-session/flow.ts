import { maySeeRequest, type ApprovalParties } from '#access';
import type { HelpDeskSessionView } from '#contracts';
import { HelpDeskSession } from '#persistence';
import type { CaseFlow } from '../approval/flow.ts';
import { viewHelpDeskSession } from './read.ts';

export const partiesOfSession = ({ accountId, partnerId, customerId }: HelpDeskSession): ApprovalParties => ({
  requesterId: accountId,
  partnerId,
  organizationId: customerId,
});

/** Help desk looks into a customer. Nobody approves it; it is seen, ended and told about as what is approved is. */
export const helpDeskSessionFlow: CaseFlow<HelpDeskSession, HelpDeskSessionView> = {
  feature: 'help-desk-session',
  workflowType: 'helpDeskSession',
  entity: HelpDeskSession,
  tenancy: 'caller',
  parties: partiesOfSession,
  maySee: maySeeRequest,
  record(decision, { id, customerId, partnerId }, { verb, by, facts, at }) {
    decision.record({
      action: `help-desk-session.${verb}`,
      by,
      organizationIds: [customerId, partnerId],
      subject: { kind: 'help-desk-session', id },
      ...(facts && { facts }),
      at,
    });
  },
  refusal: ({ customerId, partnerId }) => ({ organizationIds: [customerId, partnerId] }),
  mailSight: ({ id }) => ({ rowId: id }),
  view: (em, _viewer, session, now) => viewHelpDeskSession(em, session, now),
};
