import { Refusal } from '#contracts';
import { inviterOf, workOffInviteBatch as workOff } from '#decisions';
import { asSystem } from '#persistence';
import type { Dependencies } from '../dependencies.ts';

/** Invites the next people of a bulk invite; returns how many are left. */
export const workOffInviteBatch =
  ({ database, decisions }: Dependencies) =>
  async ({ batchId }: { batchId: string }): Promise<number> => {
    const inviter = await database.transaction(asSystem, (em) => inviterOf(em, batchId));
    try {
      return await decisions.decide(inviter, (decision) => workOff(decision, batchId));
    } catch (error) {
      // Rows are judged one by one, so this is a race with somebody else who invites: the chunk is done again.
      if (error instanceof Refusal) throw new Error(error.code, { cause: error });
      throw error;
    }
  };
