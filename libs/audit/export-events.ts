import { databaseNow, type Database, type TenancyContext } from '#persistence';
import { chainExportFormat, exportFormat, formatLine, type ExportHeader } from './export-format.ts';
import { readKeyRing, type KeyRing } from './keys/index.ts';
import { readChain, readChainEnd, type ChainEnd } from './read-chain.ts';
import { readWitnessed } from './witness/witnessed.ts';

/**
 * The sealed trail of one organization as JSON Lines, each ending with a line feed, in constant memory. What is sealed
 * later than the first line is left for the next export. Shows what the context may see and nothing else.
 */
export async function* exportEvents(
  database: Database,
  context: TenancyContext,
  organizationId: string,
): AsyncGenerator<string> {
  const { end, ...beside } = await database.transaction(context, async (em) => ({
    witnessed: await readWitnessed(em, organizationId),
    end: await readChainEnd(em, organizationId),
    keys: await readKeyRing(em),
    exportedAt: (await databaseNow(em)).toISOString(),
  }));
  yield formatLine(headerOf(organizationId, end, beside));
  let count = 0;
  for await (const event of readChain(database, context, organizationId, end.lastPosition)) {
    // The gap shows at verification; an export tells what there is.
    if ('missingId' in event) continue;
    count += 1;
    yield formatLine({ type: 'event', ...event });
  }
  yield formatLine({ type: 'trailer', count, checkpoint: end.checkpoint });
}

interface Beside {
  keys: KeyRing;
  witnessed: string[];
  exportedAt: string;
}

function headerOf(organizationId: string, { checkpoint, publicKey }: ChainEnd, beside: Beside): ExportHeader {
  const { keys, witnessed, exportedAt } = beside;
  // Not carried over into a tree yet: the form it was sealed in.
  if (checkpoint && !('note' in checkpoint)) {
    return { type: 'header', format: chainExportFormat, organizationId, publicKey, exportedAt };
  }
  return { type: 'header', format: exportFormat, organizationId, keys: [...keys], witnessed, exportedAt };
}
