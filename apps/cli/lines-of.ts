import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A file line by line, in constant memory. */
export function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file), crlfDelay: Infinity });
}
