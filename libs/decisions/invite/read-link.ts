import type { Keys } from '#config';
import { inviteIdOf, isInviteToken, type Principal } from '#identity';
import { Refusal } from '#contracts';
import { Credential, databaseNow, Invite, Organization, type EntityManager } from '#persistence';
import { inviterNameOf } from './inviter-name.ts';
import { invitedPerson } from './accept.ts';

/** What whoever has an invite link may know: whose invite it is, what it carries, and whether it still works. */
export interface InviteLink {
  state: 'open' | 'void' | 'accepted' | 'cancelled' | 'expired';
  organization: {
    id: string;
    name: string;
    slug: string;
    loginMethods: readonly ('sso' | 'password')[];
    hasProvider: boolean;
  };
  email: string;
  displayName: string | null;
  /** Whose invite it is: who has proven the address, or whose it is by their own organization's word; null where nobody's yet. */
  accountId: string | null;
  /** Whether that person signs in with a password. */
  hasPassword: boolean;
  inviterName: string | null;
  roles: readonly string[];
  expiresAt: string;
}

/** Reads, and only reads, what a link leads to. Runs as the system: the token is the only claim; 404 where it is none of ours. */
export async function readInviteLink(
  em: EntityManager,
  inviteKeys: Keys,
  token: string,
  principal: Principal | null,
): Promise<InviteLink> {
  const inviteId = inviteIdOf(token);
  const invite = inviteId ? await em.findOne(Invite, { id: inviteId }) : null;
  if (!invite) throw new Refusal('not_found');
  const version = versionOf(invite, inviteKeys, token);
  const now = await databaseNow(em);
  const organization = await em.findOneOrFail(Organization, { id: invite.organizationId });
  const account = await invitedPerson(em, invite.email, principal);
  return {
    state: stateOf(invite, version, now),
    organization: {
      id: organization.id,
      name: organization.name,
      slug: organization.slug,
      loginMethods: organization.loginMethods,
      hasProvider: organization.sso !== null && organization.loginMethods.includes('sso'),
    },
    email: invite.email,
    displayName: invite.displayName ?? null,
    accountId: account?.id ?? null,
    hasPassword: account !== null && (await em.count(Credential, { accountId: account.id })) > 0,
    inviterName: await inviterNameOf(em, invite),
    roles: [...(invite.workspaceRole ? [invite.workspaceRole] : []), ...invite.administratorRoles],
    expiresAt: invite.expiresAt.toISOString(),
  };
}

/** Which of the links that were sent this is; a forged one is none. */
function versionOf({ id, linkVersion }: Invite, inviteKeys: Keys, token: string): number {
  for (let version = linkVersion; version >= 1; version -= 1) {
    if (isInviteToken(token, inviteKeys, id, version)) return version;
  }
  throw new Refusal('not_found');
}

function stateOf(invite: Invite, version: number, now: Date): InviteLink['state'] {
  if (invite.status !== 'pending' && invite.status !== 'failed') return invite.status;
  if (invite.expiresAt <= now) return 'expired';
  return version === invite.linkVersion ? 'open' : 'void';
}
