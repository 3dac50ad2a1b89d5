import { Resolver } from 'node:dns/promises';

/** The TXT records of a name, each put together; none where the name or its records are not there. Throws where nobody answers. */
export type ResolveText = (name: string) => Promise<string[]>;

const noSuchRecord = new Set(['ENOTFOUND', 'ENODATA']);

/** Asks the name servers itself, as `publicLookup` does and for the same reason. */
export const textRecords: ResolveText = async (name) => {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  try {
    const records = await resolver.resolveTxt(name);
    return records.map((parts) => parts.join(''));
  } catch (error) {
    if (noSuchRecord.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};
