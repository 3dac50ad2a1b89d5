import { workflowId } from '#contracts';
import { expireExternalAdministratorRequest as expire, theClock } from '#decisions';
import type { Dependencies } from '../dependencies.ts';

/** Writes down that nobody decided in time; changes nothing where somebody did. */
export const expireExternalAdministratorRequest =
  ({ decisions }: Dependencies) =>
  async ({ requestId }: { requestId: string }): Promise<void> => {
    await decisions.decide(theClock(workflowId('externalAdministrator', requestId)), (decision) =>
      expire(decision, requestId),
    );
  };
