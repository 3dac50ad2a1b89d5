import { continueAsSystem } from '#persistence';
import type { Affected, Cause } from './affected.ts';
import { endKeysWithoutRight } from './api-key/end-without-right.ts';
import { approvalFlows } from './approval/registry.ts';
import { withdrawWithoutRight } from './approval/withdraw.ts';
import { endAssignments } from './customer/end-assignments.ts';
import type { Decision } from './decision.ts';
import { endExternalAccessOfLeaver } from './external-administrator/cascade.ts';
import { endGrantsWithoutRight } from './grant/end-without-right.ts';
import { endExternalMemberships } from './relationship/end-external-memberships.ts';
import { endWhatPartnerGave } from './relationship/end-what-partner-gave.ts';

/**
 * Ends, in the transaction that took a right away, everything that stood on it: external memberships, customers on
 * somebody's list, open requests, temporary access, what a partner gave, and keys. The rules are asked again for each row, so whatever still
 * holds stays.
 */
export async function endWhatNoLongerHolds(decision: Decision, affected: Affected, cause: Cause): Promise<void> {
  await decision.em.flush();
  await endExternalMemberships(decision, affected, cause);
  await endExternalAccessOfLeaver(decision, affected, cause);
  await endAssignments(decision, affected, cause);
  for (const flow of approvalFlows) await withdrawWithoutRight(decision, flow, affected, cause);
  await endGrantsWithoutRight(decision, affected, cause);
  // What else stood on it may be out of the deciding person's sight; that it ends is no less true.
  await continueAsSystem(decision.em);
  await endWhatPartnerGave(decision, affected, cause);
  await endKeysWithoutRight(decision, affected, cause);
}
