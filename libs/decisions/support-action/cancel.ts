import { mayCancelSupportAction } from '#access';
import type { SupportAction } from '#persistence';
import type { Decision } from '../decision.ts';
import { subjectOf } from '../subject-of.ts';
import { lockSupportAction } from './lock.ts';
import { refuseSupportAction, refuseUnlessPending } from './refuse.ts';

/** Anybody of the support team withdraws a proposal, and whoever answers for the organization objects to it. */
export async function cancelSupportAction(decision: Decision, id: string): Promise<SupportAction> {
  const { em, actor } = decision;
  const action = await lockSupportAction(decision, id);
  const now = await decision.now();
  const isPerson = actor.kind === 'account';
  const ruling = mayCancelSupportAction(await subjectOf(em, actor), { isPerson }, action.organizationId, now);
  if (!ruling.allowed) return refuseSupportAction(decision, 'cancelled', ruling);
  if (action.status === 'cancelled') return action;
  refuseUnlessPending(action, now);
  action.status = 'cancelled';
  action.decidedById = actor.id;
  action.decidedAt = now;
  await em.flush();
  decision.record({
    action: 'support-action.cancelled',
    by: ruling.by,
    organizationIds: [action.organizationId],
    subject: { kind: 'support-action', id },
    at: now,
  });
  return action;
}
