import type { ExternalAdministratorRole } from '#access';
import { LockMode } from '@mikro-orm/postgresql';
import { Membership, Relationship, type EntityManager, type ExternalAdministratorRequest } from '#persistence';
import { uuidv7 } from 'uuidv7';
import type { Decision } from '../decision.ts';
import { endExternalAccess } from './end-access.ts';
import { setExternalRole } from './role.ts';

export interface Admission {
  request: ExternalAdministratorRequest;
  customerId: string;
  role: ExternalAdministratorRole;
  until: Date | null;
  /** What the requester still has of an earlier time, locked. */
  former: Membership | null;
  by: string;
  now: Date;
}

/** Makes the external membership and, where partner and customer have none, the relationship it depends on. */
export async function admitExternalAdministrator(
  decision: Decision,
  { request, customerId, role, until, former, by, now }: Admission,
): Promise<Membership> {
  const { em } = decision;
  const relationshipId = await standingRelationship(decision, request.partnerId, customerId, by, now);
  if (former?.kind === 'external') {
    const how = former.until && former.until <= now ? 'expired' : 'superseded';
    await endExternalAccess(decision, former, { how, now, keepRelationship: true });
  }
  const membership = em.create(Membership, {
    organizationId: customerId,
    accountId: request.requesterId,
    kind: 'external',
    workspaceRole: null,
    administratorRoles: [],
    decryptLogs: false,
    scope: { kind: 'client' },
    appTray: { botBuilder: [], applications: [] },
    until,
    relationshipId,
    signInOrganizationId: request.partnerId,
    createdAt: now,
  });
  await em.flush();
  await setExternalRole(decision, membership, { role, partnerId: request.partnerId, by, now });
  request.membershipId = membership.id;
  request.approvedRole = role;
  request.until = until;
  return membership;
}

async function standingRelationship(
  decision: Decision,
  partnerId: string,
  customerId: string,
  by: string,
  now: Date,
): Promise<string> {
  const { em } = decision;
  const held = await activeRelationshipId(em, partnerId, customerId, now);
  if (held) return held;
  // Two approvals for the same partner at once: one makes the relationship, the other waits for it and uses it.
  const [made] = await em.execute<{ id: string }[]>(
    `insert into relationship (id, partner_id, customer_id, origin, active_from)
     values (?, ?, ?, 'external_administrator', ?)
     on conflict (partner_id, customer_id, origin) where active_until is null do nothing returning id`,
    [uuidv7(), partnerId, customerId, now],
  );
  if (!made) {
    const others = await activeRelationshipId(em, partnerId, customerId, now);
    if (!others) throw new Error('The relationship was neither made nor found');
    return others;
  }
  decision.record({
    action: 'relationship.began',
    by,
    organizationIds: [partnerId, customerId],
    subject: { kind: 'relationship', id: made.id },
    facts: { origin: 'external_administrator' },
    standing: {
      relationships: [{ id: made.id, partnerId, customerId, origin: 'external_administrator', activeFrom: now }],
    },
    at: now,
  });
  return made.id;
}

/** A provisioned relationship before an external one: it outlives the single person. */
async function activeRelationshipId(
  em: EntityManager,
  partnerId: string,
  customerId: string,
  now: Date,
): Promise<string | null> {
  const active = await em.find(
    Relationship,
    { partnerId, customerId, activeUntil: null, $or: [{ termEndsAt: null }, { termEndsAt: { $gt: now } }] },
    { lockMode: LockMode.PESSIMISTIC_READ, orderBy: { id: 'asc' } },
  );
  const provisioned = active.find(({ origin }) => origin === 'provisioned');
  return (provisioned ?? active[0])?.id ?? null;
}
