import type { ApprovalFeature } from '../../libs/contracts/approval.ts';
import { teller, type Teller } from '../mail.ts';
import { listenForNudges, type Nudges } from '../nudges.ts';
import { waitForDecision, type RequestState } from './wait-for-decision.ts';

/** What is a flow's own in the course of an approval. */
export interface Course<State extends RequestState> {
  feature: ApprovalFeature;
  rowId: string;
  look: () => Promise<State>;
  /** Writes down that nobody decided in time, unless somebody did. */
  expire: () => Promise<void>;
  /** Tells of the approval, and sees what it gave to its end. */
  approved: (progress: { decided: State; nudges: Nudges; tell: Teller['tell'] }) => Promise<void>;
}

/**
 * A request from the asking to whatever an approval gave.
 *
 * People decide through the API; this tells them, waits, and does what time decides. Every step reads the row first, so
 * it may be started late, twice, or after everything is over. Call it before the first await of a workflow.
 */
export async function approval<State extends RequestState & { unexpected: boolean }>({
  feature,
  rowId,
  look,
  expire,
  approved,
}: Course<State>): Promise<void> {
  const nudges = listenForNudges();
  const { tell, everybodyTold } = teller(rowId);

  // Somebody may have decided before we came: then there is nobody left to ask.
  const first = await look();
  if (first.status === 'pending') await tell({ kind: `${feature}.requested` });

  const decided = await waitForDecision({
    nudges,
    look,
    // Started late, the request itself is news enough.
    wantsReminder: (first.untilReminder ?? 0) > 0,
    remind: () => tell({ kind: `${feature}.reminder` }),
    expire,
  });

  switch (decided.status) {
    case 'approved':
      await approved({ decided, nudges, tell });
      break;
    case 'denied':
      await tell({ kind: `${feature}.denied` });
      if (decided.unexpected) await tell({ kind: `${feature}.unexpected` });
      break;
    case 'cancelled':
      await tell({ kind: `${feature}.cancelled` });
      break;
    case 'expired':
      await tell({ kind: `${feature}.expired` });
      break;
  }
  await everybodyTold();
}
