import { workflowId } from '#contracts';
import { expireGrant, theClock } from '#decisions';
import type { Grant } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { missingRow } from '../failures.ts';

export interface GrantProgress {
  status: Grant['status'];
  /** Milliseconds, by the database's clock. */
  untilEnd: number;
}

/** Ends the grant where its time is over, and says how it stands. */
export const settleGrant =
  ({ decisions }: Dependencies) =>
  async ({
    sourceId,
    feature,
  }: {
    sourceId: string;
    feature: 'elevation' | 'helpDeskSession';
  }): Promise<GrantProgress> =>
    decisions.decide(theClock(workflowId(feature, sourceId)), async (decision) => {
      const grant = await expireGrant(decision, sourceId);
      if (!grant) throw missingRow();
      const now = await decision.now();
      return { status: grant.status, untilEnd: grant.expiresAt.getTime() - now.getTime() };
    });
