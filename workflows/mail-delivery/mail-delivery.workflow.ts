import type { WorkflowInput } from '../../libs/contracts/workflows.ts';
import { database } from '../activities.ts';
import { deliver } from '../mail.ts';
import { listenForNudges } from '../nudges.ts';

/**
 * One mail that was given up, tried once more.
 *
 * Somebody has mended the address or the mail server and asked for it. It has never arrived, so it goes out as the very
 * mail it was; what has become pointless meanwhile is not sent.
 */
export async function mailDelivery({ rowId }: WorkflowInput): Promise<void> {
  // Who starts it signals it, too; that it was asked for twice changes nothing.
  listenForNudges();
  await database.reopenMail({ deliveryId: rowId });
  await deliver(rowId);
}
