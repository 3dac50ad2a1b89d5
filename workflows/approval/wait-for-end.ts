import { CancellationScope } from '@temporalio/workflow';
import { database } from '../activities.ts';
import type { Nudges } from '../nudges.ts';

/**
 * A temporary access runs until its time is over or somebody ends it. Access is denied at `expiresAt` by the clock
 * whatever happens here; this writes it down, and not even a cancelled workflow leaves that out.
 */
export async function waitForEnd(
  nudges: Nudges,
  feature: 'elevation' | 'helpDeskSession',
  sourceId: string,
): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    for (;;) {
      const grant = await database.settleGrant({ feature, sourceId });
      if (grant.status !== 'active') return;
      await nudges.next(grant.untilEnd);
    }
  });
}
