import type { Nudges } from '../nudges.ts';

/** What a request's row says at this moment, by the clock of the database. */
export interface RequestState {
  status: string;
  /** Milliseconds until nobody may decide any more; 0 or less when that is over. */
  untilDeadline: number;
  /** Milliseconds until the approvers are reminded; null when there is no reminder to send. */
  untilReminder: number | null;
}

export interface Approval<State extends RequestState> {
  nudges: Nudges;
  look: () => Promise<State>;
  wantsReminder: boolean;
  remind: () => Promise<void>;
  /** Writes down that nobody decided in time, unless somebody did. */
  expire: () => Promise<void>;
}

/** Notify has happened; now remind, wait and, at the deadline, expire. Returns the row as it was decided. */
export async function waitForDecision<State extends RequestState>({
  nudges,
  look,
  wantsReminder,
  remind,
  expire,
}: Approval<State>): Promise<State> {
  let reminded = !wantsReminder;
  for (;;) {
    const request = await look();
    if (request.status !== 'pending') return request;

    const untilReminder = reminded ? null : request.untilReminder;
    if (request.untilDeadline <= 0) {
      await expire();
    } else if (untilReminder !== null && untilReminder <= 0) {
      await remind();
      reminded = true;
    } else {
      await nudges.next(Math.min(request.untilDeadline, untilReminder ?? request.untilDeadline));
    }
  }
}
