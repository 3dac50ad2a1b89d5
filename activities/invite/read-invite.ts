import { inviteMails } from '#access';
import { personKey } from '#decisions';
import { asSystem, databaseNow, Invite, Organization } from '#persistence';
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
}

/** The invite as it stands; the directory and the tenant's login methods are asked now, not when it was made. */
export const readInvite =
  ({ database }: Dependencies) =>
  async ({ inviteId }: { inviteId: string }): Promise<InviteState> =>
    database.transaction(asSystem, async (em) => {
      const invite = await em.findOneOrFail(Invite, { id: inviteId });
      const organization = await em.findOneOrFail(Organization, { id: invite.organizationId });
      const now = await databaseNow(em);
      const known = !(await personKey(em, invite.email)).includes('@');
      const mails = inviteMails(organization.loginMethods, known).map((mail) => `invite.${mail}` as const);
      const due = invite.status === 'pending' && invite.mailedVersion < invite.linkVersion;
      const reminded = invite.remindedAt !== null && invite.remindedAt !== undefined;
      return {
        open: invite.status === 'pending' || invite.status === 'failed',
        linkVersion: invite.linkVersion,
        untilDeadline: invite.expiresAt.getTime() - now.getTime(),
        untilReminder:
          reminded || invite.status === 'failed'
            ? null
            : reminderAt(invite.createdAt, invite.expiresAt).getTime() - now.getTime(),
        mailsDue: due ? [...mails] : [],
      };
    });
