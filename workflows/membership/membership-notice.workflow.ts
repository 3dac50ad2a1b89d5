import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { teller } from '../mail.ts';
import { listenForNudges } from '../nudges.ts';

/** Tells somebody what was done about their membership; the row is the event that recorded it. */
export async function membershipNotice({ rowId }: WorkflowInput): Promise<void> {
  listenForNudges();
  const { tell, everybodyTold } = teller(rowId);
  const kind = await database.readMembershipNotice({ eventId: rowId });
  if (kind) await tell({ kind });
  await everybodyTold();
}
