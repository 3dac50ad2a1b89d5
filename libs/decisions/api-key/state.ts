import { mayGoOn, type ServiceRoles, type Subject, type TargetOrganization } from '#access';
import type { ApiKey } from '#persistence';

export const rolesOf = ({ workspaceRole, administratorRoles }: ApiKey): ServiceRoles => ({
  workspaceRole: workspaceRole ?? null,
  administratorRoles,
});

/** Whether the key does nothing any more: revoked, expired, or without the right of the person it answers to. */
export const isOver = (key: ApiKey, responsible: Subject, target: TargetOrganization, now: Date): boolean =>
  !!key.revokedAt || key.expiresAt <= now || !mayGoOn(responsible, target, rolesOf(key), now);
