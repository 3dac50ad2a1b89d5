import { expireRequest } from '../approval/expire-request.ts';
import { readRequest, type RequestState } from '../approval/read-request.ts';
import type { Dependencies } from '../dependencies.ts';

/** By these names recorded histories know the activities of an approval; workflows that have begun go on by them. */
export const readElevation =
  (dependencies: Dependencies) =>
  ({ elevationId: id }: { elevationId: string }): Promise<RequestState> =>
    readRequest(dependencies)({ feature: 'elevation', id });

export const expireElevation =
  (dependencies: Dependencies) =>
  ({ elevationId: id }: { elevationId: string }): Promise<void> =>
    expireRequest(dependencies)({ feature: 'elevation', id });
