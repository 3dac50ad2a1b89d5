import { isAttached } from '#decisions';
import { asSystem, ExternalAdministratorRequest } from '#persistence';
import { expireRequest } from '../approval/expire-request.ts';
import { requestState, type RequestState } from '../approval/read-request.ts';
import type { Dependencies } from '../dependencies.ts';

const feature = 'external-administrator';

export interface ExternalAdministratorRequestState extends RequestState {
  /** Let in without an approval. */
  attached: boolean;
}

/** By these names recorded histories know the activities of an approval; workflows that have begun go on by them. */
export const readExternalAdministratorRequest =
  ({ database }: Dependencies) =>
  async ({ requestId: id }: { requestId: string }): Promise<ExternalAdministratorRequestState> =>
    database.transaction(asSystem, async (em) => ({
      ...(await requestState(em, { feature, id })),
      attached: isAttached(await em.findOneOrFail(ExternalAdministratorRequest, { id })),
    }));

export const expireExternalAdministratorRequest =
  (dependencies: Dependencies) =>
  ({ requestId: id }: { requestId: string }): Promise<void> =>
    expireRequest(dependencies)({ feature, id });
