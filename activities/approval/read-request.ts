import type { ApprovalStatus } from '#access';
import type { ApprovalFeature } from '#contracts';
import { approvalFlowOf, approvalStatusAt } from '#decisions';
import { asSystem, databaseNow, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { reminderAt } from '../reminder.ts';

export interface RequestState {
  status: ApprovalStatus;
  unexpected: boolean;
  /** Milliseconds from now by the database's clock, so no other clock matters. */
  untilDeadline: number;
  untilReminder: number | null;
}

export interface RequestName {
  feature: ApprovalFeature;
  id: string;
}

/**
 * The request as it stands. A pending request past its deadline is still reported as pending: writing that down is the
 * next step.
 */
export const readRequest =
  ({ database }: Dependencies) =>
  async (request: RequestName): Promise<RequestState> =>
    database.transaction(asSystem, (em) => requestState(em, request));

export async function requestState(em: EntityManager, { feature, id }: RequestName): Promise<RequestState> {
  const row = await em.findOneOrFail(approvalFlowOf(feature).entity, { id });
  const now = await databaseNow(em);
  const isOpen = approvalStatusAt(row, now) === 'pending';
  return {
    status: row.status,
    unexpected: row.unexpected,
    untilDeadline: row.decideBy.getTime() - now.getTime(),
    untilReminder: isOpen ? reminderAt(row.createdAt, row.decideBy).getTime() - now.getTime() : null,
  };
}
