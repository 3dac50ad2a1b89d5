import { mayProposeSupportAction } from '#access';
import { Refusal, type ProposeSupportAction } from '#contracts';
import { Organization, SupportAction } from '#persistence';
import type { Decision } from '../decision.ts';
import { tellMember } from '../membership/tell-member.ts';
import { subjectOf } from '../subject-of.ts';
import { addressIn, isRecovery, withoutAddress } from './acts.ts';
import { refuseSupportAction } from './refuse.ts';

/** How long the second person has, in seconds: both are at work, or it is proposed again. */
const openSeconds = 3600;
/** A recovery is open longer: one person alone waits a day for the Owners to object. */
const recoverySeconds = 72 * 3600;

/**
 * One named person of the support team proposes what changes who may decide. Nothing happens before another confirms
 * it; the organization's Owners and full administrators are told at once.
 */
export async function proposeSupportAction(
  decision: Decision,
  { act, reason }: ProposeSupportAction,
): Promise<SupportAction> {
  const { em, actor } = decision;
  const now = await decision.now();
  const ruling = mayProposeSupportAction(
    await subjectOf(em, actor),
    { isPerson: actor.kind === 'account', proof: actor.session ?? null },
    now,
  );
  if (!ruling.allowed || !actor.id) return refuseSupportAction(decision, 'proposed', ruling);
  const organization = await em.findOne(Organization, { id: act.organizationId });
  if (!organization) throw new Refusal('not_found');
  const action = em.create(SupportAction, {
    organizationId: organization.id,
    act,
    reason,
    status: 'pending',
    proposedById: actor.id,
    decideBy: new Date(now.getTime() + (isRecovery(act) ? recoverySeconds : openSeconds) * 1000),
    createdAt: now,
  });
  await em.flush();
  const event = decision.record({
    action: 'support-action.proposed',
    by: ruling.by,
    organizationIds: [organization.id],
    subject: { kind: 'support-action', id: action.id },
    facts: { act: withoutAddress(act), decideBy: action.decideBy },
    personal: { reason, ...addressIn(act) },
    at: now,
  });
  await tellMember(decision, event, null);
  return action;
}
