import type { ApprovalParties } from '#access';
import type { Elevation } from '#persistence';

export const partiesOfElevation = ({ requesterId, partnerId, customerId }: Elevation): ApprovalParties => ({
  requesterId,
  partnerId,
  organizationId: customerId,
});
