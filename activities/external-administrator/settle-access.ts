import { workflowId } from '#contracts';
import { settleExternalAccess as settle, theClock, type ExternalAccessProgress } from '#decisions';
import type { Dependencies } from '../dependencies.ts';

/** Removes the external administrator where the date is over, and says how it stands. */
export const settleExternalAccess =
  ({ decisions }: Dependencies) =>
  async ({ requestId }: { requestId: string }): Promise<ExternalAccessProgress> =>
    decisions.decide(theClock(workflowId('externalAdministrator', requestId)), (decision) =>
      settle(decision, requestId),
    );
