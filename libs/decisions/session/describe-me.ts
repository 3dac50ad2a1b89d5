import { isHelpDeskRole } from '#access';
import { Refusal, type Me } from '#contracts';
import type { Principal } from '#identity';
import { Address, ApiKey, Organization, type EntityManager } from '#persistence';
import { subjectInSession } from '../subject-of.ts';

/** The caller's own account, memberships and roles; login to the partner hub and the help desk follows from the roles. */
export async function describeMe(
  em: EntityManager,
  principal: Principal & { kind: 'account' },
): Promise<Me & { account: NonNullable<Me['account']> }> {
  const subject = await subjectInSession(em, principal);
  const organizations = await em.find(Organization, {
    id: { $in: subject.memberships.map((membership) => membership.organizationId) },
  });
  const aliases = await em.find(Address, { accountId: principal.accountId, kind: 'alias' });
  return {
    account: {
      id: principal.accountId,
      displayName: principal.displayName,
      email: principal.email,
      aliases: aliases.map((alias) => alias.address),
    },
    session: {
      id: principal.sessionId,
      method: principal.method,
      organizationId: principal.sessionOrganizationId,
      expiresAt: principal.sessionExpiresAt.toISOString(),
    },
    memberships: subject.memberships.flatMap((membership) => {
      const organization = organizations.find((one) => one.id === membership.organizationId);
      if (!organization) return [];
      const roles = [...membership.administratorRoles];
      return [
        {
          id: membership.id,
          organization: {
            id: organization.id,
            kind: organization.kind,
            name: organization.name,
            slug: organization.slug,
          },
          kind: membership.kind,
          workspaceRole: membership.workspaceRole,
          administratorRoles: roles,
          derivedRoles:
            membership.provisioningCustomerIds.length > 0
              ? (['provisioning_administrator'] as 'provisioning_administrator'[])
              : [],
          login: { partnerHub: roles.length > 0, helpDesk: roles.some(isHelpDeskRole) },
        },
      ];
    }),
    support: principal.support,
  };
}

/** A service has no account and belongs to one organization, by its key. */
export async function describeService(em: EntityManager, { apiKeyId }: Principal & { kind: 'service' }): Promise<Me> {
  const key = await em.findOne(ApiKey, { id: apiKeyId });
  if (!key) throw new Refusal('not_authenticated');
  const { id, name, organizationId, workspaceRole = null, administratorRoles } = key;
  return { ...nobody, service: { id, name, organizationId, workspaceRole, administratorRoles } };
}

/** The bootstrap token is nobody in particular. */
export const describeSupport = (): Me => ({ ...nobody, support: true });

const nobody: Me = { account: null, session: null, memberships: [], support: false };
