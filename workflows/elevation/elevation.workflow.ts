import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { approval } from '../approval/approval.ts';
import { waitForEnd } from '../approval/wait-for-end.ts';

/** An elevation from the request to the end of the grant. */
export async function elevation({ rowId }: WorkflowInput): Promise<void> {
  await approval({
    feature: 'elevation',
    rowId,
    look: () => database.readElevation({ elevationId: rowId }),
    expire: () => database.expireElevation({ elevationId: rowId }),
    async approved({ nudges, tell }) {
      await tell({ kind: 'elevation.approved' });
      await waitForEnd(nudges, 'elevation', rowId);
      await tell({ kind: 'elevation.ended' });
    },
  });
}
