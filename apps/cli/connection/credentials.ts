import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';

const kept = z.object({ current: z.string().nullable(), tokens: z.record(z.string(), z.string()) });
type Kept = z.infer<typeof kept>;

const folder = () => process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
const file = () => join(folder(), 'countersign', 'credentials.json');

/** Addresses that somebody logged in at, and with what; only their owner can read the file. */
export async function readCredentials(): Promise<Kept> {
  const text = await readFile(file(), 'utf8').catch(() => null);
  if (text === null) return { current: null, tokens: {} };
  try {
    return kept.parse(JSON.parse(text));
  } catch {
    throw new Error(`${file()} cannot be read any more. Remove it and run: countersign login`);
  }
}

export async function keepToken(url: string, token: string): Promise<void> {
  const { tokens } = await readCredentials();
  await write({ current: url, tokens: { ...tokens, [url]: token } });
}

export async function forgetToken(url: string): Promise<void> {
  const { current, tokens } = await readCredentials();
  const { [url]: _forgotten, ...others } = tokens;
  await write({ current: current === url ? null : current, tokens: others });
}

/** Renamed into place: nobody ever reads half a file, or one that is open to others. */
async function write(credentials: Kept): Promise<void> {
  await mkdir(dirname(file()), { recursive: true, mode: 0o700 });
  const unfinished = `${file()}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  await chmod(unfinished, 0o600);
  await rename(unfinished, file());
}
