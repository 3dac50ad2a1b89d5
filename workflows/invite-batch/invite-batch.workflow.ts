import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { listenForNudges } from '../nudges.ts';

/**
 * Works a bulk invite off, a chunk at a time. The rows remember what is done, so it may be started late or twice. Its
 * steps are local: queued behind the mails of the people it invited, it would wait for all of them.
 */
export async function inviteBatch({ rowId }: WorkflowInput): Promise<void> {
  listenForNudges();
  let left = Infinity;
  while (left > 0) left = await database.workOffInviteBatch({ batchId: rowId });
}
