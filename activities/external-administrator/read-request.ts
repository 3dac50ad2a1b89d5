import { externalAdministratorStatusAt, isAttached } from '#decisions';
import { asSystem, databaseNow, ExternalAdministratorRequest } from '#persistence';
import type { Dependencies } from '../dependencies.ts';
import { reminderAt } from '../reminder.ts';

export interface ExternalAdministratorRequestState {
  status: ExternalAdministratorRequest['status'];
  unexpected: boolean;
  /** Let in without an approval. */
  attached: boolean;
  untilDeadline: number;
  untilReminder: number | null;
}

/** The request as it stands; times are milliseconds from now by the database's clock. */
export const readExternalAdministratorRequest =
  ({ database }: Dependencies) =>
  async ({ requestId }: { requestId: string }): Promise<ExternalAdministratorRequestState> =>
    database.transaction(asSystem, async (em) => {
      const request = await em.findOneOrFail(ExternalAdministratorRequest, { id: requestId });
      const now = await databaseNow(em);
      return {
        status: request.status,
        unexpected: request.unexpected,
        attached: isAttached(request),
        untilDeadline: request.decideBy.getTime() - now.getTime(),
        untilReminder:
          externalAdministratorStatusAt(request, now) === 'pending'
            ? reminderAt(request.createdAt, request.decideBy).getTime() - now.getTime()
            : null,
      };
    });
