import { inviteIdOf, inviteToken, sameSecret } from '#identity';
import { Refusal } from '#contracts';
import { databaseNow, Invite, Organization, type EntityManager } from '#persistence';
import { inviterNameOf } from './inviter-name.ts';
import { accountOf } from './open.ts';

/** What the holder of an invite link may know: whose invite it is, what it carries, and whether it still works. */
export interface InviteLink {
  state: 'open' | 'void' | 'accepted' | 'cancelled' | 'expired';
  organization: { id: string; name: string; slug: string; loginMethods: readonly ('sso' | 'password')[] };
  email: string;
  displayName: string | null;
  /** The account the invited address belongs to; null where there is none yet. */
  accountId: string | null;
  inviterName: string | null;
  roles: readonly string[];
  expiresAt: string;
}

/** Reads, and only reads, what a link leads to. Runs as the system: the token is the only claim; 404 where it is none of ours. */
export async function readInviteLink(em: EntityManager, inviteKey: Buffer, token: string): Promise<InviteLink> {
  const inviteId = inviteIdOf(token);
  const invite = inviteId ? await em.findOne(Invite, { id: inviteId }) : null;
  if (!invite) throw new Refusal('not_found');
  const version = versionOf(invite, inviteKey, token);
  const now = await databaseNow(em);
  const organization = await em.findOneOrFail(Organization, { id: invite.organizationId });
  return {
    state: stateOf(invite, version, now),
    organization: {
      id: organization.id,
      name: organization.name,
      slug: organization.slug,
      loginMethods: organization.loginMethods,
    },
    email: invite.email,
    displayName: invite.displayName ?? null,
    accountId: (await accountOf(em, invite.email, organization.id))?.id ?? null,
    inviterName: await inviterNameOf(em, invite),
    roles: [...(invite.workspaceRole ? [invite.workspaceRole] : []), ...invite.administratorRoles],
    expiresAt: invite.expiresAt.toISOString(),
  };
}

/** Which of the links that were sent this is; a forged one is none. */
function versionOf({ id, linkVersion }: Invite, inviteKey: Buffer, token: string): number {
  for (let version = linkVersion; version >= 1; version -= 1) {
    if (sameSecret(token, inviteToken(inviteKey, id, version))) return version;
  }
  throw new Refusal('not_found');
}

function stateOf(invite: Invite, version: number, now: Date): InviteLink['state'] {
  if (invite.status !== 'pending' && invite.status !== 'failed') return invite.status;
  if (invite.expiresAt <= now) return 'expired';
  return version === invite.linkVersion ? 'open' : 'void';
}
