import type { ApprovalParties } from '#access';
import type { ChangeRequest } from '#persistence';

export const partiesOfChange = ({ requesterId, partnerId, organizationId }: ChangeRequest): ApprovalParties => ({
  requesterId,
  partnerId: partnerId ?? null,
  organizationId,
});
