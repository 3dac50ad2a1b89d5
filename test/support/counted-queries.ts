import { Client } from 'pg';

/** What went to the database during some work: one text a round trip, which may be several statements. */
export interface CountedQueries {
  roundTrips: number;
  statements: number;
  texts: string[];
}

/** Counts at the driver, for every connection of this process. */
export async function countQueries(work: () => Promise<unknown>): Promise<CountedQueries> {
  const texts: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called with its client below
  const original = Client.prototype.query;
  Client.prototype.query = function query(this: Client, ...message: unknown[]) {
    texts.push(textOf(message[0]));
    return original.apply(this, message as never) as never;
  };
  try {
    await work();
  } finally {
    Client.prototype.query = original;
  }
  return {
    roundTrips: texts.length,
    statements: texts.flatMap((text) => text.split(';').filter((one) => one.trim() !== '')).length,
    texts,
  };
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const { text } = (query ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : '';
}
