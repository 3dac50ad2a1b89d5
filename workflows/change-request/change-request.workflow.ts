import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { approval } from '../approval/approval.ts';

/** A change request from the proposal to the decision; what it changes is made in the transaction that decides. */
export async function changeRequest({ rowId }: WorkflowInput): Promise<void> {
  const request = { feature: 'change-request', id: rowId } as const;
  await approval({
    feature: 'change-request',
    rowId,
    look: () => database.readRequest(request),
    expire: () => database.expireRequest(request),
    approved: ({ tell }) => tell({ kind: 'change-request.approved' }),
  });
}
