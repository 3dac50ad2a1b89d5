import type { ApprovalParties } from '#access';
import type { ExternalAdministratorRequest } from '#persistence';

export const partiesOfRequest = ({
  requesterId,
  partnerId,
  customerId,
}: ExternalAdministratorRequest): ApprovalParties & { partnerId: string } => ({
  requesterId,
  partnerId,
  organizationId: customerId ?? null,
});
