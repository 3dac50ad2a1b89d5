/** Service principals: who makes them, what they may hold, which operations they are for and for how long. */
import { access } from './effective-access.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { isPartnerRole, type AdministratorRole, type WorkspaceRole } from './roles.ts';
import { anyRuling, everyRuling, refused, rulingOf } from './ruling.ts';
import type { Ruling, Subject, TargetOrganization } from './subject.ts';

const code = 'may_not_manage_api_keys';

/**
 * What a key may be used for. Each operation names the one that opens it; what names none is closed to every key: what
 * people approve, how they sign in, keys, changing webhooks, and support.
 */
export const apiKeyScopes = [
  'access:evaluate',
  'organization:read',
  'organization:write',
  'customers:read',
  'customers:write',
  'members:read',
  'members:write',
  'groups:read',
  'groups:write',
  'invites:read',
  'invites:write',
  'grants:read',
  'webhooks:read',
  'audit:read',
] as const;
export type ApiKeyScope = (typeof apiKeyScopes)[number];

/** Asking before each act is what services are here for; anything else is asked for by name. */
export const defaultApiKeyScopes: readonly ApiKeyScope[] = ['access:evaluate'];

const day = 24 * 3600;
/** In seconds: how long a key lasts unless said otherwise and at most, and how long a former token goes on beside the new one. */
export const apiKeyTerms = { lasts: 90 * day, atMost: 365 * day, overlap: day, overlapAtMost: 7 * day } as const;

/** Whether the key may be used on an operation that is opened by this scope. */
export const isInScope = (scopes: readonly ApiKeyScope[], needed: ApiKeyScope | null): boolean =>
  needed !== null && scopes.includes(needed);

export interface ServiceRoles {
  workspaceRole: WorkspaceRole | null;
  administratorRoles: readonly AdministratorRole[];
}

/** Listing and revoking: who may give somebody a role there. Temporary access never can, so it leaves no key behind. */
export function mayManageApiKeys(
  subject: Subject,
  target: TargetOrganization,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  return anyRuling(rulingOf(access(subject, target, 'assign_administrator_roles', now, matrices), 'write', code), () =>
    rulingOf(access(subject, target, 'workspace.invite_users', now, matrices), 'use', code),
  );
}

/** The creator needs the right to give each role. Owner is a person: a service never is one. */
export function mayCreateApiKey(
  subject: Subject,
  target: TargetOrganization,
  { workspaceRole, administratorRoles }: ServiceRoles,
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const may = (setting: string, action: string, refusal: string) => () =>
    rulingOf(access(subject, target, setting, now, matrices), action, refusal);
  if (workspaceRole === 'owner') return refused('role_not_available');
  if (target.kind !== 'partner' && administratorRoles.some(isPartnerRole))
    return refused('partner_role_outside_partner');
  return everyRuling(
    mayManageApiKeys(subject, target, now, matrices),
    ...(workspaceRole === null ? [] : [may('workspace.invite_users', 'use', 'may_not_invite_users')]),
    ...(administratorRoles.length === 0
      ? []
      : [may('assign_administrator_roles', 'write', 'may_not_assign_administrator_roles')]),
  );
}

/** A key works while the person it answers to could give it its roles today, whatever it has been given since. */
export const mayGoOn = (
  responsible: Subject,
  target: TargetOrganization,
  roles: ServiceRoles,
  now: Date,
  matrices: Matrices = matricesInForce(),
): boolean => mayCreateApiKey(responsible, target, roles, now, matrices).allowed;

/** Whoever gets a key's new token gets what it may: the person it answers to, or whoever could make it and takes it over. */
export function mayRenewApiKey(
  subject: Subject,
  target: TargetOrganization,
  key: ServiceRoles & { responsibleId: string },
  { takesOver }: { takesOver: boolean },
  now: Date,
  matrices: Matrices = matricesInForce(),
): Ruling {
  const ruling = mayCreateApiKey(subject, target, key, now, matrices);
  if (!ruling.allowed || takesOver || subject.accountId === key.responsibleId) return ruling;
  return refused('not_your_api_key');
}
