import { Client } from 'pg';

/** What went to the database during some work: one text a round trip, which may be several statements. */
export interface CountedQueries {
  roundTrips: number;
  statements: number;
  texts: string[];
}

/** Told after the answer and for many decisions at once, on a connection of its own: no request waits for it. */
const isTelling = (text: string) => text.startsWith('select pg_notify(');

/** Counts at the driver, for every connection of this process. */
export async function countQueries(work: () => Promise<unknown>): Promise<CountedQueries> {
  const texts: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called with its client below
  const original = Client.prototype.query;
  Client.prototype.query = function query(this: Client, ...message: unknown[]) {
    const text = textOf(message[0]);
    if (!isTelling(text)) texts.push(text);
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
