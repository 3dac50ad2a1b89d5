import { workflowId } from '#contracts';
import { expireInvite as expire, theClock } from '#decisions';
import type { Dependencies } from '../dependencies.ts';

/** Writes down that nobody accepted in time; changes nothing where somebody did. */
export const expireInvite =
  ({ decisions }: Dependencies) =>
  async ({ inviteId }: { inviteId: string }): Promise<void> => {
    await decisions.decide(theClock(workflowId('invite', inviteId)), (decision) => expire(decision, inviteId));
  };
