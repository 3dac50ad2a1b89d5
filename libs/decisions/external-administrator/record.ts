import { record, recordUnseen } from '#audit';
import type { ExternalAdministratorRequest } from '#persistence';
import { seesAsDecidingSide } from '#access';
import type { Deed } from '../approval/flow.ts';
import type { Decision } from '../decision.ts';
import { partiesOfRequest } from './parties.ts';

/** What is done to every request, told to whoever may know of it. */
export async function recordDeed(decision: Decision, request: ExternalAdministratorRequest, deed: Deed): Promise<void> {
  if (deed.cause) await recordWithdrawal(decision, request, deed.cause, deed.at);
  else if (deed.viewer) recordForViewer(decision, request, deed);
  else recordOnEachSide(decision, request, deed);
}

const actionOf = (verb: string) => `external-administrator.${verb}`;
const subjectFor = (request: ExternalAdministratorRequest) => ({
  kind: 'external-administrator',
  id: request.id,
});

/**
 * What happens to a request before anybody approved it: each side has an event of its own, so that the partner's trail
 * names no customer, nor anybody there, and looks the same where there is none.
 */
export function recordOnEachSide(
  decision: Decision,
  request: ExternalAdministratorRequest,
  { verb, by, facts = {}, reason, at, actor = decision.actor }: Deed,
): void {
  const { em } = decision;
  const event = {
    action: actionOf(verb),
    subject: subjectFor(request),
    facts,
    ...(reason && { personal: { reason } }),
    at,
    actor,
  };
  // A decision of the customer's: the partner's trail tells that it was made, not by whom.
  if (verb === 'denied')
    record(em, { ...event, actor: { kind: 'account', id: null, by }, organizationIds: [request.partnerId] });
  else decision.record({ ...event, by, organizationIds: [request.partnerId] });
  if (request.customerId) decision.record({ ...event, by, organizationIds: [request.customerId] });
}

/** Before an approval only the viewer's own side has it on record, for it would tell the partner that there is such a customer. */
function recordForViewer(
  decision: Decision,
  request: ExternalAdministratorRequest,
  { verb, facts = {}, at, viewer }: Deed,
): void {
  const { customerId, partnerId, status } = request;
  const isCustomers = customerId && viewer && seesAsDecidingSide(viewer, partiesOfRequest(request), at);
  decision.record({
    action: actionOf(verb),
    organizationIds: [
      ...(customerId && (isCustomers || status === 'approved') ? [customerId] : []),
      ...(!isCustomers || status === 'approved' ? [partnerId] : []),
    ],
    subject: subjectFor(request),
    facts,
    at,
  });
}

/**
 * A request that the partner's own doing withdrew: the deciding person acts within the partner, so the customer's event
 * is beyond their reach, and it does not name them.
 */
async function recordWithdrawal(
  decision: Decision,
  request: ExternalAdministratorRequest,
  cause: string,
  at: Date,
): Promise<void> {
  const { em, actor } = decision;
  const event = { action: actionOf('cancelled'), subject: subjectFor(request), facts: { cause }, at };
  decision.record({ ...event, organizationIds: [request.partnerId] });
  if (!request.customerId) return;
  await recordUnseen(em, { ...event, actor: { kind: actor.kind, id: null }, organizationIds: [request.customerId] });
}

/** From the approval on, both sides know each other and read the same event. */
export function recordForBoth(
  decision: Decision,
  request: ExternalAdministratorRequest,
  { verb, by, facts = {}, standing, reason, at, actor = decision.actor }: Deed,
): void {
  decision.record({
    actor,
    action: actionOf(verb),
    by,
    organizationIds: [...(request.customerId ? [request.customerId] : []), request.partnerId],
    subject: subjectFor(request),
    facts,
    ...(standing && { standing }),
    ...(reason && { personal: { reason } }),
    at,
  });
}
