import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { teller } from '../mail.ts';
import { listenForNudges } from '../nudges.ts';

/**
 * A forgotten password, from the wish to the new one.
 *
 * Whether the address belongs to anybody is found out here and not where the wish is taken, so that its answer tells
 * nothing. The link is mailed; when it was used, the person is told that the password has changed.
 */
export async function passwordReset({ rowId }: WorkflowInput): Promise<void> {
  const nudges = listenForNudges();
  const { tell, everybodyTold } = teller(rowId);
  let linkMailed = false;
  for (;;) {
    const reset = await database.readPasswordReset({ resetId: rowId });
    if (reset.state === 'changed') await tell({ kind: 'password.changed' });
    if (reset.state !== 'open') break;

    if (linkMailed) {
      await nudges.next(reset.untilDeadline);
    } else {
      await tell({ kind: 'password.reset' });
      linkMailed = true;
    }
  }
  await everybodyTold();
}
