import { isAppointment, mayDecide, type AdministratorRole, type Subject, type TargetOrganization } from '#access';
import { ApiKey, loadSubject, type Organization } from '#persistence';
import { eligibleApprovers } from '../approval/approvers.ts';
import type { Decision } from '../decision.ts';
import { fullAdministratorsOf } from '../membership/administrators.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';

/** Refuses to make a change at once that somebody else has to agree to; says what to propose. */
export const refuseWithoutAgreement = (act: PrivilegedAct, proposal: Record<string, unknown>): never =>
  refuseAct(act, 'change_request_required', { proposal });

/**
 * Whether the organization has somebody else who could agree to weaker terms. Who is alone decides alone: otherwise
 * nobody in the organization could ever change them.
 */
export async function hasSomebodyToAgree({ em, actor, now }: Decision, organization: Organization): Promise<boolean> {
  const parties = { requesterId: actor.id ?? '', partnerId: null, organizationId: organization.id };
  return (await eligibleApprovers(em, { mayDecide }, parties, await now())).length > 0;
}

/** Whether giving these roles needs a yes of the customer's own; where it has nobody yet, there is nobody to say it. */
export const needsAgreement = async (
  decision: Decision,
  subject: Subject,
  target: TargetOrganization,
  gained: readonly AdministratorRole[],
  now: Date,
): Promise<boolean> =>
  gained.includes('full_administrator') &&
  isAppointment(await behind(decision, subject), target, gained, now) &&
  (await fullAdministratorsOf(decision.em, target.id)).length > 0;

/** A key appoints for whoever made it: one that a partner's person made in the customer is the partner's hand. */
async function behind({ em, actor }: Decision, subject: Subject): Promise<Subject> {
  const key = actor.kind === 'service' && actor.id ? await em.findOne(ApiKey, { id: actor.id }) : null;
  return key?.createdByAccountId ? loadSubject(em, key.createdByAccountId) : subject;
}
