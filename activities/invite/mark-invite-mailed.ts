import { asSystem, databaseNow, Invite } from '#persistence';
import type { Dependencies } from '../dependencies.ts';

/** The mails for this link are planned; a newer link makes mails due again. */
export const markInviteMailed =
  ({ database }: Dependencies) =>
  async ({ inviteId, linkVersion }: { inviteId: string; linkVersion: number }): Promise<void> => {
    await database.transaction(asSystem, async (em) => {
      await em.nativeUpdate(
        Invite,
        { id: inviteId, mailedVersion: { $lt: linkVersion } },
        { mailedVersion: linkVersion },
      );
    });
  };

export const markInviteReminded =
  ({ database }: Dependencies) =>
  async ({ inviteId }: { inviteId: string }): Promise<void> => {
    await database.transaction(asSystem, async (em) => {
      await em.nativeUpdate(Invite, { id: inviteId, remindedAt: null }, { remindedAt: await databaseNow(em) });
    });
  };
