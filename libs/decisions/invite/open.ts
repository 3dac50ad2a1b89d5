import { inviteGivesLogDecryption, isProven, type AdministratorRole, type AppTray, type WorkspaceRole } from '#access';
import { normalizeAddress, policySeconds } from '#contracts';
import { inviteToken, tokenDigest } from '#identity';
import { Account, Address, Invite, type EntityManager, type MembershipScope, type Organization } from '#persistence';
import { uuidv7 } from 'uuidv7';
import type { Decision } from '../decision.ts';

export interface InviteDraft {
  email: string;
  displayName: string | null;
  workspaceRole: WorkspaceRole | null;
  administratorRoles: AdministratorRole[];
  scope: MembershipScope;
  appTray: AppTray;
  /** Null for the first person of an organization. */
  invitedById: string | null;
  now: Date;
}

/** Writes a new invite; the caller has judged the inviter's right and that none is open for the person. */
export async function openInvite(decision: Decision, organization: Organization, draft: InviteDraft): Promise<Invite> {
  const { em, settings } = decision;
  const { now, ...contents } = draft;
  const id = uuidv7();
  const invite = em.create(Invite, {
    id,
    organizationId: organization.id,
    ...contents,
    personKey: await personKey(em, draft.email, organization.id),
    status: 'pending',
    tokenDigest: tokenDigest(inviteToken(settings.inviteKeys, id, 1)),
    expiresAt: new Date(now.getTime() + policySeconds(organization.policy, 'invitePendingSeconds') * 1000),
    linkIssuedAt: now,
    createdAt: now,
  });
  await em.flush();
  decision.record({
    action: 'invite.created',
    organizationIds: [organization.id],
    subject: { kind: 'invite', id: invite.id },
    facts: {
      workspaceRole: invite.workspaceRole,
      administratorRoles: invite.administratorRoles,
      decryptLogs: inviteGivesLogDecryption({ workspaceRole: draft.workspaceRole }),
      expiresAt: invite.expiresAt,
    },
    personal: { names: { [invite.id]: invite.email } },
    at: now,
  });
  await decision.nudge('invite', invite.id);
  return invite;
}

/** One person, one key: aliases and letter case resolve to the account where there is one. */
export async function personKey(em: EntityManager, email: string, organizationId: string): Promise<string> {
  return (await accountOf(em, email, organizationId))?.id ?? normalizeAddress(email);
}

/**
 * Whom an address, primary or alias, stands for in the organization; needs the system's sight, since accounts are
 * nobody's tenant's. What the organization itself says of an address counts there first, and nowhere else: who has
 * proven it is not told by how it answers.
 */
export async function accountOf(em: EntityManager, email: string, organizationId: string): Promise<Account | null> {
  const rows = await em.find(Address, { address: normalizeAddress(email) });
  const own = rows.find((row) => !isProven(row) && row.givenByOrganizationId === organizationId);
  const address = own ?? rows.find(isProven);
  return em.findOne(Account, { id: address?.accountId ?? nobody, removedAt: null });
}

/** Looked up in place of whom nobody knows: a known address must not cost a statement more than an unknown one. */
export const nobody = '00000000-0000-0000-0000-000000000000';

/** Who has answered a mail to the address. */
export async function ownerOf(em: EntityManager, email: string): Promise<Account | null> {
  const address = await em.findOne(Address, { address: normalizeAddress(email), verifiedAt: { $ne: null } });
  return address && em.findOne(Account, { id: address.accountId, removedAt: null });
}
