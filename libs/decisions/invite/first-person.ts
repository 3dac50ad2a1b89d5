import { firstPersonRoles, mayReissueFirstInvite } from '#access';
import { Refusal, type CreateInvite } from '#contracts';
import { Membership, type EntityManager } from '#persistence';
import type { Inviting, StoredContents } from './inviting.ts';

/**
 * While nobody has come into an organization, the support team invites its first person again, to a corrected address,
 * say. What that person gets is not a choice. Null where this is no such invite.
 */
export async function firstPersonContents(
  em: EntityManager,
  { organization, subject, now }: Inviting,
  asked: CreateInvite,
): Promise<StoredContents | null> {
  if (!mayReissueFirstInvite(subject, now).allowed) return null;
  if (organization.kind !== 'partner' && organization.kind !== 'customer') return null;
  const { workspaceRole, administratorRoles } = firstPersonRoles[organization.kind];
  if ((await em.count(Membership, { organizationId: organization.id, kind: 'home', removedAt: null })) > 0) return null;
  const askedRoles = [...(asked.workspaceRole ? [asked.workspaceRole] : []), ...(asked.administratorRoles ?? [])];
  const roles = [workspaceRole, ...administratorRoles];
  if (askedRoles.some((role) => !roles.includes(role))) throw new Refusal('role_not_available', { roles });
  return {
    workspaceRole,
    administratorRoles: [...administratorRoles],
    scope: { kind: 'client' },
    appTray: { botBuilder: [], applications: [] },
  };
}
