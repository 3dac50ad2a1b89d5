import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { Subject, TargetOrganization } from '#access';
import { Membership, CustomerAssignment, ApiKey } from './entities/membership.ts';
import { Organization, Relationship } from './entities/organization.ts';
import { Grant } from './entities/grant.ts';
import { systemRole } from './tenancy.ts';

/**
 * What a person holds, read live: memberships with their roles and assigned customers, and temporary access that
 * is not over by its row. The rules compare times with the clock they are given.
 */
export async function loadSubject(em: EntityManager, accountId: string): Promise<Subject> {
  const [subject] = await loadSubjects(em, [accountId]);
  return subject ?? { accountId, memberships: [], temporaryAccess: [] };
}

/** As `loadSubject`, for many people with the same number of queries. */
export async function loadSubjects(em: EntityManager, accountIds: readonly string[]): Promise<Subject[]> {
  if (accountIds.length === 0) return [];
  const memberships = await em.find(
    Membership,
    { accountId: { $in: [...accountIds] }, removedAt: null },
    { orderBy: { id: 'asc' } },
  );
  const organizations = await em.find(Organization, {
    id: { $in: unique(memberships.map((row) => row.organizationId)) },
  });
  const kinds = new Map(organizations.map((row) => [row.id, row.kind]));
  const assignments = await em.find(CustomerAssignment, { membershipId: { $in: memberships.map((row) => row.id) } });
  const grants = await em.find(Grant, { accountId: { $in: [...accountIds] }, status: 'active' });

  return accountIds.map((accountId) => ({
    accountId,
    memberships: memberships
      .filter((row) => row.accountId === accountId)
      .flatMap((row) => {
        const organizationKind = kinds.get(row.organizationId);
        if (!organizationKind) return [];
        const own = assignments.filter((assignment) => assignment.membershipId === row.id);
        return [
          {
            id: row.id,
            organizationId: row.organizationId,
            organizationKind,
            kind: row.kind,
            workspaceRole: row.workspaceRole ?? null,
            administratorRoles: row.administratorRoles,
            decryptLogs: row.decryptLogs,
            appTray: row.appTray,
            until: row.until ?? null,
            assignedCustomerIds: own.filter((one) => one.source !== 'service_setup').map((one) => one.customerId),
            provisioningCustomerIds: own.filter((one) => one.source === 'service_setup').map((one) => one.customerId),
          },
        ];
      }),
    temporaryAccess: grants
      .filter((row) => row.accountId === accountId)
      .map((row) => ({
        id: row.id,
        kind: row.kind,
        organizationId: row.organizationId,
        partnerId: row.partnerId,
        startsAt: row.startsAt,
        expiresAt: row.expiresAt,
        endedAt: row.endedAt ?? null,
      })),
  }));
}

/**
 * Whether the person is a home member of any partner, also of one beyond the caller's sight: the question is asked by
 * the system, within the same transaction, and tells nothing but yes or no.
 */
export async function worksForPartner(em: EntityManager, accountId: string): Promise<boolean> {
  const [caller] = await em.execute<{ role: string }[]>('select quote_ident(current_user) as role');
  await em.execute(`set local role ${systemRole}`);
  const [found] = await em.execute<{ isSo: boolean }[]>(
    `select exists (
       select 1 from membership join organization on organization.id = membership.organization_id
        where membership.account_id = ? and membership.kind = 'home' and membership.removed_at is null
          and organization.kind = 'partner') as "isSo"`,
    [accountId],
  );
  if (caller) await em.execute(`set local role ${caller.role}`);
  return found?.isSo ?? false;
}

/** A service acts with the roles of its key in the one organization it belongs to. */
export async function loadServiceSubject(em: EntityManager, apiKeyId: string): Promise<Subject> {
  const key = await em.findOne(ApiKey, { id: apiKeyId, revokedAt: null });
  const organization = key && (await em.findOne(Organization, { id: key.organizationId }));
  if (!key || !organization) return { accountId: apiKeyId, memberships: [], temporaryAccess: [] };
  return {
    accountId: apiKeyId,
    memberships: [
      {
        id: key.id,
        organizationId: key.organizationId,
        organizationKind: organization.kind,
        kind: 'home',
        workspaceRole: key.workspaceRole ?? null,
        administratorRoles: key.administratorRoles,
        decryptLogs: false,
        appTray: { botBuilder: [], applications: [] },
        until: null,
        assignedCustomerIds: [],
        provisioningCustomerIds: [],
      },
    ],
    temporaryAccess: [],
  };
}

/** What the one who invited somebody holds by now: a person or a service. */
export async function loadInviter(em: EntityManager, id: string): Promise<Subject> {
  return (await em.count(ApiKey, { id })) > 0 ? loadServiceSubject(em, id) : loadSubject(em, id);
}

/** The organization whose setting is asked for, with the relationships in which it is the customer. */
export async function loadTarget(em: EntityManager, organizationId: string): Promise<TargetOrganization | null> {
  const organization = await em.findOne(Organization, { id: organizationId });
  if (!organization) return null;
  const relationships = await em.find(Relationship, { customerId: organizationId });
  return {
    id: organization.id,
    kind: organization.kind,
    restrictedMode: organization.restrictedMode,
    disabledFeatures: organization.disabledFeatures,
    relationships: relationships.map((row) => ({
      id: row.id,
      partnerId: row.partnerId,
      customerId: row.customerId,
      origin: row.origin,
      activeFrom: row.activeFrom,
      activeUntil: row.activeUntil ?? null,
    })),
  };
}

/**
 * Holds what a decision relies on until it is committed: whoever takes a role, a membership or a relationship away
 * waits, or was first. Memberships before relationships before requests before grants: one order, no deadlock.
 */
export async function holdStanding(
  em: EntityManager,
  accountIds: readonly string[],
  customerId: string | null,
): Promise<void> {
  const options = { lockMode: LockMode.PESSIMISTIC_READ, orderBy: { id: 'asc' }, fields: ['id'] } as const;
  await em.find(Membership, { accountId: { $in: unique(accountIds) }, removedAt: null }, options);
  if (customerId) await em.find(Relationship, { customerId, activeUntil: null }, options);
}

const unique = (ids: readonly string[]): string[] => [...new Set(ids)];
