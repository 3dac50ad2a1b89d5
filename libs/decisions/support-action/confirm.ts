import { mayConfirmSupportAction } from '#access';
import type { SupportAction } from '#persistence';
import type { Decision } from '../decision.ts';
import { tellMember } from '../membership/tell-member.ts';
import { subjectOf } from '../subject-of.ts';
import { addressIn, isRecovery, perform, withoutAddress } from './acts.ts';
import { lockSupportAction } from './lock.ts';
import { refuseSupportAction, refuseUnlessPending } from './refuse.ts';

/**
 * Another named person of the support team does what was proposed, in the same transaction: confirmed is what was done,
 * once. Confirming again by the same person changes nothing.
 */
export async function confirmSupportAction(decision: Decision, id: string): Promise<SupportAction> {
  const { em, actor } = decision;
  const action = await lockSupportAction(decision, id);
  const now = await decision.now();
  if (action.status === 'confirmed' && actor.id !== null && action.decidedById === actor.id) return action;
  const ruling = mayConfirmSupportAction(
    await subjectOf(em, actor),
    { isPerson: actor.kind === 'account', proof: actor.session ?? null },
    {
      proposedByAccountId: action.proposedById,
      proposedAt: action.createdAt,
      isRecovery: isRecovery(action.act),
    },
    now,
  );
  if (!ruling.allowed) return refuseSupportAction(decision, 'confirmed', ruling);
  refuseUnlessPending(action, now);

  await perform({ ...decision, isCountersigned: true }, action.act, action.reason);
  action.status = 'confirmed';
  action.decidedById = actor.id;
  action.decidedAt = now;
  await em.flush();
  const event = decision.record({
    action: 'support-action.confirmed',
    by: ruling.by,
    organizationIds: [action.organizationId],
    subject: { kind: 'support-action', id },
    facts: { act: withoutAddress(action.act), proposedBy: action.proposedById },
    personal: { reason: action.reason, ...addressIn(action.act) },
    at: now,
  });
  await tellMember(decision, event, null);
  return action;
}
