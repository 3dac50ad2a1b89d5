import { inviteMails } from '#access';
import { Account, asSystem, databaseNow, Invite, MailDelivery, Organization, type EntityManager } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { reminderAt } from '../reminder.ts';

export interface InviteState {
  /** Whether it can still be accepted, or repaired and then accepted. */
  open: boolean;
  linkVersion: number;
  untilDeadline: number;
  untilReminder: number | null;
  /** Mails that are right for the tenant now and have not gone out for this link. */
  mailsDue: ('invite.activation' | 'invite.welcome' | 'invite.sign-up')[];
  /** No mail of this link arrived, and the inviter has not been told. */
  inviterToTell: boolean;
}

/** The invite as it stands; the directory and the tenant's login methods are asked now, not when it was made. */
export const readInvite =
  ({ database, directory }: Dependencies) =>
  async ({ inviteId }: { inviteId: string }): Promise<InviteState> => {
    const { invite, loginMethods, inviterToTell, now } = await database.transaction(asSystem, async (em) => {
      const row = await em.findOneOrFail(Invite, { id: inviteId });
      const organization = await em.findOneOrFail(Organization, { id: row.organizationId });
      return {
        invite: row,
        loginMethods: organization.loginMethods,
        inviterToTell: row.status === 'failed' && (await isInviterToTell(em, row)),
        now: await databaseNow(em),
      };
    });
    const due = invite.status === 'pending' && invite.mailedVersion < invite.linkVersion;
    const mails = due ? inviteMails(loginMethods, await directory.knows(invite.email, invite.organizationId)) : [];
    const reminded = invite.remindedAt !== null && invite.remindedAt !== undefined;
    return {
      open: invite.status === 'pending' || invite.status === 'failed',
      linkVersion: invite.linkVersion,
      untilDeadline: invite.expiresAt.getTime() - now.getTime(),
      untilReminder:
        reminded || invite.status === 'failed'
          ? null
          : reminderAt(invite.linkIssuedAt, invite.expiresAt).getTime() - now.getTime(),
      mailsDue: mails.map((mail) => `invite.${mail}` as const),
      inviterToTell,
    };
  };

/** A service has no mailbox, and behind a first invite stands nobody in particular: there the state is told by itself. */
async function isInviterToTell(em: EntityManager, { id, invitedById, linkVersion }: Invite): Promise<boolean> {
  if (!invitedById || (await em.count(Account, { id: invitedById, removedAt: null })) === 0) return false;
  return (await em.count(MailDelivery, { rowId: id, kind: 'invite.failed', edition: linkVersion })) === 0;
}
