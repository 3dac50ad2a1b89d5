import type { RecordedStanding } from '#access';
import { signalEvents, verificationEvent, type AuditEventView, type SignalEvent } from '#contracts';

/** What a token tells beside who sends it to whom (RFC 8417): about whom, and what happened. */
export interface SecurityEvent {
  sub_id: object;
  events: Readonly<Record<string, object>>;
}

/** Somebody's access at the organization, as an event of the trail changed it. */
export interface AccessChange {
  type: SignalEvent;
  accountId: string | null;
  /** The membership or grant that names the person, where the event does not. */
  heldBy: { kind: 'membership' | 'grant'; id: string };
  /** What the person may claim from now on. */
  claims?: Record<string, unknown>;
}

/** The standing as the trail keeps it: moments are texts there. */
type Told = { [Field in keyof RecordedStanding]: readonly Record<string, unknown>[] };

/** CAEP's word for who caused it. */
const initiators: Readonly<Record<AuditEventView['actor']['kind'], 'admin' | 'user' | 'policy'>> = {
  account: 'admin',
  service: 'admin',
  support: 'admin',
  clock: 'policy',
};

/**
 * What the event did to somebody's access at the organization; null where it did nothing of that kind. An ended grant or
 * membership is a revoked session, what begins or changes is a change of claims.
 */
export function accessChangeOf({ facts }: AuditEventView, organizationId: string): AccessChange | null {
  const { grants = [], memberships = [] } = (facts['standing'] ?? {}) as Told;
  const ended = grants.find((one) => 'endedAt' in one);
  if (ended)
    return { type: signalEvents.sessionRevoked, accountId: null, heldBy: { kind: 'grant', id: String(ended['id']) } };
  const begun = grants.find((one) => one['organizationId'] === organizationId);
  if (begun)
    return {
      type: signalEvents.claimsChange,
      accountId: String(begun['accountId']),
      heldBy: { kind: 'grant', id: String(begun['id']) },
      claims: { temporary_access: begun['kind'], access_expires_at: begun['expiresAt'] },
    };
  const [membership] = memberships;
  if (!membership) return null;
  const heldBy = { kind: 'membership' as const, id: String(membership['id']) };
  if ('endedAt' in membership) return { type: signalEvents.sessionRevoked, accountId: null, heldBy };
  if (membership['organizationId'] !== organizationId) return null;
  return {
    type: signalEvents.claimsChange,
    accountId: String(membership['accountId']),
    heldBy,
    claims: { workspace_role: membership['workspaceRole'], administrator_roles: membership['administratorRoles'] },
  };
}

/** As CAEP 1.0 has it: the person by their address, at the organization, in the session that is the grant's. */
export function caepEventOf(
  { type, heldBy, claims }: AccessChange,
  { action, actor, at }: AuditEventView,
  { email, organizationId }: { email: string; organizationId: string },
): SecurityEvent {
  return {
    sub_id: {
      format: 'complex',
      user: { format: 'email', email },
      tenant: { format: 'opaque', id: organizationId },
      ...(heldBy.kind === 'grant' && { session: { format: 'opaque', id: heldBy.id } }),
    },
    events: {
      [type]: {
        event_timestamp: Math.floor(Date.parse(at) / 1000),
        initiating_entity: initiators[actor.kind],
        reason_admin: { en: action },
        ...(claims && { claims }),
      },
    },
  };
}

/** SSF 1.0, 8.1.4: that the stream works, with what the receiver wanted to hear. */
export const verificationOf = ({ facts }: AuditEventView, streamId: string): SecurityEvent => ({
  sub_id: { format: 'opaque', id: streamId },
  events: { [verificationEvent]: { ...(typeof facts['state'] === 'string' && { state: facts['state'] }) } },
});
