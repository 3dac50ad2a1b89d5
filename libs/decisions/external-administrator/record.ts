import { record, recordUnseen } from '#audit';
import type { ExternalAdministratorRequest } from '#persistence';
import type { Actor, Decision } from '../decision.ts';

interface Deed {
  verb: string;
  by?: string | undefined;
  facts?: Record<string, unknown>;
  reason?: string | undefined;
  at: Date;
  /** A decision of the customer's: the partner's trail tells that it was made, not by whom. */
  hidesActor?: boolean;
  /** Where it only now turned out who acts: the clock, on somebody's way. */
  actor?: Actor;
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
  { verb, by, facts = {}, reason, at, actor = decision.actor, hidesActor = false }: Deed,
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
  if (hidesActor)
    record(em, { ...event, actor: { kind: 'account', id: null, by }, organizationIds: [request.partnerId] });
  else decision.record({ ...event, by, organizationIds: [request.partnerId] });
  if (request.customerId) decision.record({ ...event, by, organizationIds: [request.customerId] });
}

/**
 * A request that the partner's own doing withdrew: the deciding person acts within the partner, so the customer's event
 * is beyond their reach, and it does not name them.
 */
export async function recordWithdrawal(
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
  { verb, by, facts = {}, reason, at, actor = decision.actor }: Deed,
): void {
  decision.record({
    actor,
    action: actionOf(verb),
    by,
    organizationIds: [...(request.customerId ? [request.customerId] : []), request.partnerId],
    subject: subjectFor(request),
    facts,
    ...(reason && { personal: { reason } }),
    at,
  });
}
