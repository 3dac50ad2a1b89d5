import { mayProposeChange, organizationSight, proposingPartners, type Subject, type TargetOrganization } from '#access';
import { Refusal, type CreateChangeRequest } from '#contracts';
import {
  ChangeRequest,
  continueAsSystem,
  holdStanding,
  loadTarget,
  Membership,
  Organization,
  type EntityManager,
  type ProposedChange,
} from '#persistence';
import { eligibleApprovers } from '../approval/approvers.ts';
import { closeOverdueOrRefuse } from '../approval/expire.ts';
import type { Decision, DecisionSettings } from '../decision.ts';
import { requireSound } from '../organization/apply.ts';
import { sealedSettings } from '../organization/change-authentication.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { choosePartner } from '../require-partner.ts';
import { subjectOf } from '../subject-of.ts';
import { changeRequestFlow } from './flow.ts';
import { recordChange } from './record.ts';
import { weakenedBy } from './weakened.ts';

/** A proposal stays open for 7 days. */
const pendingSeconds = 7 * 24 * 3600;

/** Proposes a change to whoever decides for the organization; nothing changes before they agree. */
export async function proposeChange(
  decision: Decision,
  organizationId: string,
  input: CreateChangeRequest,
): Promise<ChangeRequest> {
  const { em, actor, settings } = decision;
  const act = {
    action: 'change-request.requested',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  await requireSightFor(act, em, actor, organizationId, organizationSight, await decision.now());
  if (!actor.id || (actor.kind !== 'account' && actor.kind !== 'service')) return refuseAct(act, 'person_required');
  const foreignSignIn = input.kind === 'policy' && input.foreignSignIn !== undefined;
  // Roles of a key count elsewhere; how people prove who they are is proposed by people who have.
  if ((input.kind === 'authentication' || foreignSignIn) && actor.kind === 'service')
    return refuseAct(act, 'person_required');
  await continueAsSystem(em);
  await holdStanding(em, [actor.id], organizationId);
  const now = await decision.now();
  const subject = await subjectOf(em, actor);
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const partnerId = partnerOf(subject, target, input, now);
  const ruling = mayProposeChange(subject, target, { kind: input.kind, partnerId, foreignSignIn }, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);

  const organization = await em.findOneOrFail(Organization, { id: organizationId });
  const change = proposed(input, settings);
  requireSound(organization, change, settings.minimumDurationSeconds);
  await requireNews(em, organization, input);
  const parties = { requesterId: actor.id, partnerId, organizationId };
  const approvers = await eligibleApprovers(em, changeRequestFlow, parties, now);
  if (approvers.length === 0) return refuseAct(act, 'no_eligible_approver');

  const about = change.memberId ?? change.email ?? input.kind;
  const open = { organizationId: organization.id, kind: input.kind, about };
  const byTheSame = { organizationId, requesterId: actor.id };
  await closeOverdueOrRefuse(decision, changeRequestFlow, { open, byTheSame }, now);
  const request = em.create(ChangeRequest, {
    organizationId,
    partnerId,
    requesterId: actor.id,
    requesterKind: actor.kind,
    kind: input.kind,
    about,
    change,
    reason: input.reason,
    status: 'pending',
    createdAt: now,
    decideBy: new Date(now.getTime() + pendingSeconds * 1000),
  });
  await em.flush();
  recordChange(decision, request, {
    verb: 'requested',
    by: ruling.by,
    facts: { decideBy: request.decideBy, approvers: approvers.length, fields: Object.keys(change) },
    reason: request.reason,
    at: now,
  });
  await decision.nudge('changeRequest', request.id);
  return request;
}

function partnerOf(subject: Subject, target: TargetOrganization, input: CreateChangeRequest, now: Date): string | null {
  if (input.kind === 'policy') return null;
  return input.partnerId ?? (choosePartner(subject, proposingPartners(subject, target, now)) || null);
}

/** As it is kept: the client secret sealed, and nothing that was not asked for. */
function proposed(input: CreateChangeRequest, { sealingKeys }: DecisionSettings): ProposedChange {
  if (input.kind === 'policy') {
    const { policy, foreignSignIn } = input;
    return { ...(policy && { policy }), ...(foreignSignIn !== undefined && { foreignSignIn }) };
  }
  if (input.kind === 'appointment') {
    const { memberId, email, displayName } = input;
    return {
      ...(memberId && { memberId }),
      ...(email && { email: email.toLowerCase() }),
      ...(displayName && { displayName }),
    };
  }
  const { loginMethods, sso, domains } = input;
  return {
    ...(loginMethods && { loginMethods }),
    ...(domains && { domains }),
    ...(sso !== undefined && {
      sso: sso && sealedSettings(sealingKeys, sso),
    }),
  };
}

/** What would change nothing, and what nobody has to agree to, is not proposed. */
async function requireNews(em: EntityManager, organization: Organization, input: CreateChangeRequest): Promise<void> {
  if (input.kind === 'policy' && weakenedBy(organization, input).length === 0)
    throw new Refusal('change_needs_no_approval');
  if (input.kind !== 'appointment' || !input.memberId) return;
  const member = await em.findOne(Membership, {
    id: input.memberId,
    organizationId: organization.id,
    kind: 'home',
    removedAt: null,
  });
  if (!member) throw new Refusal('not_found');
  if (member.administratorRoles.includes('full_administrator')) throw new Refusal('change_needs_no_approval');
}
