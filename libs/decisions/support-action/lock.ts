import { Refusal } from '#contracts';
import { SupportAction } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';

export async function lockSupportAction({ em }: Decision, id: string): Promise<SupportAction> {
  const action = await lockRow(em, SupportAction, { id });
  if (!action) throw new Refusal('not_found');
  return action;
}
