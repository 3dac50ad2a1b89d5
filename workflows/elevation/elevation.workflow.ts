import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { waitForDecision } from '../approval/wait-for-decision.ts';
import { waitForEnd } from '../approval/wait-for-end.ts';
import { teller } from '../mail.ts';
import { listenForNudges } from '../nudges.ts';

/**
 * An elevation from the request to the end of the grant.
 *
 * People decide through the API; this workflow tells them, waits, and does what time decides. Every step reads the
 * row first, so it may be started late, twice, or after everything is over.
 */
export async function elevation({ rowId }: WorkflowInput): Promise<void> {
  const nudges = listenForNudges();
  const { tell, everybodyTold } = teller(rowId);
  const look = () => database.readElevation({ elevationId: rowId });

  // Somebody may have decided before we came: then there is nobody left to ask.
  const first = await look();
  if (first.status === 'pending') await tell({ kind: 'elevation.requested' });

  const decided = await waitForDecision({
    nudges,
    look,
    // Started late, the request itself is news enough.
    wantsReminder: (first.untilReminder ?? 0) > 0,
    remind: () => tell({ kind: 'elevation.reminder' }),
    expire: () => database.expireElevation({ elevationId: rowId }),
  });

  switch (decided.status) {
    case 'approved':
      await tell({ kind: 'elevation.approved' });
      await waitForEnd(nudges, 'elevation', rowId);
      await tell({ kind: 'elevation.ended' });
      break;
    case 'denied':
      await tell({ kind: 'elevation.denied' });
      if (decided.unexpected) await tell({ kind: 'elevation.unexpected' });
      break;
    case 'cancelled':
      await tell({ kind: 'elevation.cancelled' });
      break;
    case 'expired':
      await tell({ kind: 'elevation.expired' });
      break;
  }
  await everybodyTold();
}
