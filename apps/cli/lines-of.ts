import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A file line by line, in constant memory; opened when its first line is asked for, so that none is lost till then. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}
