import { workflowId } from '#contracts';
import { preparePasswordReset, theClock } from '#decisions';
import type { Dependencies } from '../dependencies.ts';

export interface PasswordResetState {
  /** `open`: the link is to be mailed. `changed`: there is a new password. `over`: nothing is left to do. */
  state: 'open' | 'changed' | 'over';
  untilDeadline: number;
}

/** The wish as it stands; the first look finds out whose address it is. */
export const readPasswordReset =
  ({ decisions, resetKeys }: Dependencies) =>
  async ({ resetId }: { resetId: string }): Promise<PasswordResetState> =>
    decisions.decide(theClock(workflowId('passwordReset', resetId)), async (decision) => {
      const reset = await preparePasswordReset(decision, resetId, resetKeys);
      const now = await decision.now();
      if (!reset) return { state: 'over', untilDeadline: 0 };
      if (reset.usedAt) return { state: 'changed', untilDeadline: 0 };
      const untilDeadline = reset.expiresAt.getTime() - now.getTime();
      return { state: untilDeadline > 0 ? 'open' : 'over', untilDeadline };
    });
