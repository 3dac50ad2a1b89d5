import { workflowId } from '#contracts';
import { expireElevation as expire, theClock } from '#decisions';
import type { Dependencies } from '../dependencies.ts';

/** Writes down that nobody decided in time; changes nothing where somebody did. */
export const expireElevation =
  ({ decisions }: Dependencies) =>
  async ({ elevationId }: { elevationId: string }): Promise<void> => {
    await decisions.decide(theClock(workflowId('elevation', elevationId)), (decision) => expire(decision, elevationId));
  };
