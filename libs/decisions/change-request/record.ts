import type { ApprovalParties } from '#access';
import type { ChangeRequest } from '#persistence';
import type { Deed } from '../approval/flow.ts';
import type { Decision } from '../decision.ts';

export const partiesOfChange = ({ requesterId, partnerId, organizationId }: ChangeRequest): ApprovalParties => ({
  requesterId,
  partnerId: partnerId ?? null,
  organizationId,
});

export const sidesOfChange = ({ organizationId, partnerId }: ChangeRequest): string[] =>
  partnerId ? [organizationId, partnerId] : [organizationId];

/** Both sides know each other and read the same event. */
export function recordChange(
  decision: Decision,
  request: ChangeRequest,
  { verb, by, facts = {}, reason, at, actor }: Deed,
): void {
  decision.record({
    action: `change-request.${verb}`,
    by,
    organizationIds: sidesOfChange(request),
    subject: { kind: 'change-request', id: request.id },
    facts: { kind: request.kind, ...facts },
    ...(reason && { personal: { reason } }),
    at,
    ...(actor && { actor }),
  });
}
