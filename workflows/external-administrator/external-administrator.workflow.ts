import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { approval } from '../approval/approval.ts';
import { waitForDate } from './wait-for-date.ts';

/**
 * An external administrator from the request to the date the approver set.
 *
 * Access without a date may last for years: then nothing is left to wait for, and the workflow completes. A change or a
 * removal nudges it, which starts it again; it reads the row, finds the decision told, and goes on from there.
 */
export async function externalAdministrator({ rowId }: WorkflowInput): Promise<void> {
  await approval({
    feature: 'external-administrator',
    rowId,
    look: () => database.readExternalAdministratorRequest({ requestId: rowId }),
    expire: () => database.expireExternalAdministratorRequest({ requestId: rowId }),
    async approved({ decided, nudges, tell }) {
      await tell({ kind: `external-administrator.${decided.attached ? 'attached' : 'approved'}` });
      const { lasts } = await waitForDate(nudges, rowId);
      if (!lasts) await tell({ kind: 'external-administrator.ended' });
    },
  });
}
