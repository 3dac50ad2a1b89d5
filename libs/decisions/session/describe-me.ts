import { isHelpDeskRole } from '#access';
import { Refusal, type Me } from '#contracts';
import type { Principal } from '#identity';
import type { Standing } from '#persistence';
import { ownSubject } from '../subject-of.ts';

/** The caller's own account, memberships and roles; login to the partner hub and the help desk follows from the roles. */
export function describeMe(
  standing: Standing,
  principal: Principal & { kind: 'account' },
): Me & { account: NonNullable<Me['account']> } {
  const { memberships } = ownSubject(standing, principal);
  return {
    account: {
      id: principal.accountId,
      displayName: principal.displayName,
      email: principal.email,
      aliases: [...standing.aliases],
    },
    session: {
      id: principal.sessionId,
      method: principal.method,
      organizationId: principal.sessionOrganizationId,
      expiresAt: principal.sessionExpiresAt.toISOString(),
    },
    memberships: memberships.flatMap((membership) => {
      const organization = standing.organizations.get(membership.organizationId);
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
export function describeService({ callerKey }: Standing): Me {
  if (!callerKey) throw new Refusal('not_authenticated');
  const { id, name, organizationId, workspaceRole, administratorRoles, scopes, expiresAt } = callerKey;
  return {
    ...nobody,
    service: {
      id,
      name,
      organizationId,
      workspaceRole,
      administratorRoles: [...administratorRoles],
      scopes: [...scopes],
      expiresAt: expiresAt.toISOString(),
    },
  };
}

/** The bootstrap token is nobody in particular. */
export const describeSupport = (): Me => ({ ...nobody, support: true });

const nobody: Me = { account: null, session: null, memberships: [], support: false };
