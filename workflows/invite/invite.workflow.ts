import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { teller } from '../mail.ts';
import { listenForNudges } from '../nudges.ts';

/**
 * An invite until it is accepted, cancelled or expired.
 *
 * Which mails are right depends on how the tenant signs in at the moment they go out; when that changes, or somebody
 * asks for a new link, a nudge makes us look again and send what is now right. A mail that nobody takes makes the
 * invite failed, until a new link repairs it.
 */
export async function invite({ rowId }: WorkflowInput): Promise<void> {
  const nudges = listenForNudges();
  const { tell, everybodyTold } = teller(rowId);
  for (;;) {
    const open = await database.readInvite({ inviteId: rowId });
    if (!open.open) break;

    if (open.untilDeadline <= 0) {
      await database.expireInvite({ inviteId: rowId });
    } else if (open.mailsDue.length > 0) {
      for (const kind of open.mailsDue) await tell({ kind, edition: open.linkVersion });
      await database.markInviteMailed({ inviteId: rowId, linkVersion: open.linkVersion });
    } else if (open.inviterToTell) {
      await tell({ kind: 'invite.failed', edition: open.linkVersion });
    } else if (open.untilReminder !== null && open.untilReminder <= 0) {
      await tell({ kind: 'invite.reminder', edition: open.linkVersion });
      await database.markInviteReminded({ inviteId: rowId });
    } else {
      await nudges.next(Math.min(open.untilDeadline, open.untilReminder ?? open.untilDeadline));
    }
  }
  await everybodyTold();
}
