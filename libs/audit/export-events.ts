import { databaseNow, type Database, type TenancyContext } from '#persistence';
import { exportFormat, formatLine } from './export-format.ts';
import { readChain, readChainEnd } from './read-chain.ts';

/**
 * The sealed trail of one organization as JSON Lines, each ending with a line feed, in constant memory. What is sealed
 * later than the first line is left for the next export. Shows what the context may see and nothing else.
 */
export async function* exportEvents(
  database: Database,
  context: TenancyContext,
  organizationId: string,
): AsyncGenerator<string> {
  const { end, now } = await database.transaction(context, async (em) => ({
    end: await readChainEnd(em, organizationId),
    now: await databaseNow(em),
  }));
  yield formatLine({
    type: 'header',
    format: exportFormat,
    organizationId,
    publicKey: end.publicKey,
    exportedAt: now.toISOString(),
  });
  let count = 0;
  for await (const event of readChain(database, context, organizationId, end.lastPosition)) {
    // The gap shows at verification; an export tells what there is.
    if ('missingId' in event) continue;
    count += 1;
    yield formatLine({ type: 'event', ...event });
  }
  yield formatLine({ type: 'trailer', count, checkpoint: end.checkpoint });
}
