import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';

/** What a witness remembers: of each log the checkpoint it countersigned last, with its signatures. */
const stateFile = z.strictObject({
  format: z.literal('countersign-witness/1'),
  logs: z.record(z.string(), z.string()),
});

/**
 * The memory of a witness, in one file: it is on the disk before anybody gets a signature, and a start cut off at any
 * moment finds the old state or the new one. One process at a time may use a file.
 */
export class WitnessState {
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private logs: Readonly<Record<string, string>>,
  ) {}

  /** @throws where the file is there and is no witness's state: a witness that forgot must not sign again unasked */
  static async open(path: string): Promise<WitnessState> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return new WitnessState(path, {});
    const parsed = parse(text);
    if (!parsed)
      throw new Error(`${path} is not the state of a witness. Restore it; without it nothing can be compared.`);
    return new WitnessState(path, parsed.logs);
  }

  /** The checkpoint countersigned last, as a note. */
  noteOf(origin: string): string | null {
    return this.logs[origin] ?? null;
  }

  /** One change after the other: `work` sees the last note and gives the next one, or null where it stays. */
  async change<T>(origin: string, work: (note: string | null) => Promise<[string | null, T]>): Promise<T> {
    const turn = this.last.then(async () => {
      const [note, answer] = await work(this.noteOf(origin));
      if (note !== null) await this.keep({ ...this.logs, [origin]: note });
      return answer;
    });
    this.last = turn.catch(() => {});
    return turn;
  }

  private async keep(logs: Readonly<Record<string, string>>): Promise<void> {
    const unfinished = `${this.path}.unfinished`;
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ format: 'countersign-witness/1', logs }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, this.path);
    this.logs = logs;
  }
}

/** The notes of a witness's state file by origin; null where the text is none. */
export function parseWitnessState(text: string): Readonly<Record<string, string>> | null {
  return parse(text)?.logs ?? null;
}

function parse(text: string): z.infer<typeof stateFile> | null {
  try {
    return stateFile.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
