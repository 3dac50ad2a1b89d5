import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { waitForDecision } from '../approval/wait-for-decision.ts';
import { teller } from '../mail.ts';
import { listenForNudges } from '../nudges.ts';
import { waitForDate } from './wait-for-date.ts';

/**
 * An external administrator from the request to the date the approver set.
 *
 * Access without a date may last for years: then nothing is left to wait for, and the workflow completes. A change or a
 * removal nudges it, which starts it again; it reads the row, finds the decision told, and goes on from there.
 */
export async function externalAdministrator({ rowId }: WorkflowInput): Promise<void> {
  const nudges = listenForNudges();
  const { tell, everybodyTold } = teller(rowId);
  const look = () => database.readExternalAdministratorRequest({ requestId: rowId });

  const first = await look();
  if (first.status === 'pending') await tell({ kind: 'external-administrator.requested' });

  const decided = await waitForDecision({
    nudges,
    look,
    // Started late, the request itself is news enough.
    wantsReminder: (first.untilReminder ?? 0) > 0,
    remind: () => tell({ kind: 'external-administrator.reminder' }),
    expire: () => database.expireExternalAdministratorRequest({ requestId: rowId }),
  });

  switch (decided.status) {
    case 'approved': {
      await tell({ kind: `external-administrator.${decided.attached ? 'attached' : 'approved'}` });
      const { lasts } = await waitForDate(nudges, rowId);
      if (!lasts) await tell({ kind: 'external-administrator.ended' });
      break;
    }
    case 'denied':
      await tell({ kind: 'external-administrator.denied' });
      if (decided.unexpected) await tell({ kind: 'external-administrator.unexpected' });
      break;
    case 'cancelled':
      await tell({ kind: 'external-administrator.cancelled' });
      break;
    case 'expired':
      await tell({ kind: 'external-administrator.expired' });
      break;
  }
  await everybodyTold();
}
