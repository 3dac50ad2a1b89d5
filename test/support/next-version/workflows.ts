/**
 * The workflows as a later version may have them: an elevation does one more thing at its start, and so needs a patch
 * for those that began without it.
 */
import { patched } from '@temporalio/workflow';
import type { WorkflowInput } from '../../../libs/contracts/workflows.ts';
import { database } from '../../../workflows/activities.ts';
import { elevation as elevationOfThisVersion } from '../../../workflows/index.ts';

export * from '../../../workflows/index.ts';

export async function elevation(input: WorkflowInput): Promise<void> {
  if (patched('looks-twice')) await database.readElevation({ elevationId: input.rowId });
  return elevationOfThisVersion(input);
}
