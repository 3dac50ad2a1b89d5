import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { waitForEnd } from '../approval/wait-for-end.ts';
import { teller } from '../mail.ts';
import { listenForNudges } from '../nudges.ts';

/**
 * A help-desk session from its opening to its end. Nobody approves it, so there is nothing to ask: the customer's
 * administrators are told that somebody looks in, and told again, with the agent, when that is over.
 */
export async function helpDeskSession({ rowId }: WorkflowInput): Promise<void> {
  const nudges = listenForNudges();
  const { tell, everybodyTold } = teller(rowId);

  await tell({ kind: 'help-desk-session.opened' });
  await waitForEnd(nudges, 'helpDeskSession', rowId);
  await tell({ kind: 'help-desk-session.ended' });
  await everybodyTold();
}
