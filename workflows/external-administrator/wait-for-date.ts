import { CancellationScope } from '@temporalio/workflow';
import { database } from '../activities.ts';
import type { Nudges } from '../nudges.ts';

/**
 * Waits until the external administrator is no longer one, or has no date any more. Access is denied at the date by the
 * clock whatever happens here; this removes the membership, and not even a cancelled workflow leaves that out.
 */
export async function waitForDate(nudges: Nudges, requestId: string): Promise<{ lasts: boolean }> {
  return CancellationScope.nonCancellable(async () => {
    for (;;) {
      const { lasts, untilEnd } = await database.settleExternalAccess({ requestId });
      if (!lasts || untilEnd === null) return { lasts };
      await nudges.next(untilEnd);
    }
  });
}
