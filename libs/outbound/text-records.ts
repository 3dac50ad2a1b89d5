import { Resolver } from 'node:dns/promises';

/** The TXT records of a name, each put together; none where the name or its records are not there. Throws where nobody answers. */
export type ResolveText = (name: string) => Promise<string[]>;

const noSuchRecord = new Set(['ENOTFOUND', 'ENODATA']);

export interface NameServers {
  /** `address:port` each; the machine's own where none are named. */
  servers?: readonly string[];
  /** Milliseconds of one try, of which there are two. */
  timeoutMilliseconds?: number;
}

/** Asks the name servers itself, as `publicLookup` does and for the same reason. */
export const textRecordsFrom =
  ({ servers, timeoutMilliseconds = 2_000 }: NameServers = {}): ResolveText =>
  async (name) => {
    const resolver = new Resolver({ timeout: timeoutMilliseconds, tries: 2 });
    if (servers) resolver.setServers(servers);
    try {
      const records = await resolver.resolveTxt(name);
      return records.map((parts) => parts.join(''));
    } catch (error) {
      if (noSuchRecord.has((error as NodeJS.ErrnoException).code ?? '')) return [];
      throw error;
    }
  };

export const textRecords: ResolveText = textRecordsFrom();
