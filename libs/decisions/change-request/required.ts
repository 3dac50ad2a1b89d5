import { mayDecide } from '#access';
import type { Organization } from '#persistence';
import { eligibleApprovers, fullAdministratorsOf } from '../approval/approvers.ts';
import type { Decision } from '../decision.ts';
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

export const hasFullAdministrator = async ({ em }: Decision, organizationId: string): Promise<boolean> =>
  (await fullAdministratorsOf(em, organizationId)).length > 0;
