import type { Countersign } from './connect.ts';
import type { Elevation } from './generated/types.gen.ts';

export interface Patience {
  signal?: AbortSignal;
}

/** Seconds of one long poll; the service answers at the next change, or after these. */
const pollSeconds = 30;

/** Resolves with the elevation once it is no longer pending. */
export const untilDecided = (countersign: Countersign, elevationId: string, patience: Patience = {}) =>
  until(countersign, elevationId, ({ status }) => status !== 'pending', patience);

/** Resolves with the elevation once its access has ended, or it was never given. */
export const untilEnded = (countersign: Countersign, elevationId: string, patience: Patience = {}) =>
  until(countersign, elevationId, ({ status, grant }) => status !== 'pending' && grant?.status !== 'active', patience);

async function until(
  countersign: Countersign,
  id: string,
  isOver: (elevation: Elevation) => boolean,
  { signal }: Patience,
): Promise<Elevation> {
  let elevation = await countersign.getElevation({ path: { id }, ...(signal && { signal }) });
  while (!isOver(elevation)) {
    elevation = await countersign.getElevation({
      path: { id },
      query: { wait: pollSeconds },
      ...(signal && { signal }),
    });
  }
  return elevation;
}
