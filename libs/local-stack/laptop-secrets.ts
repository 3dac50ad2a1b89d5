import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KEY_LENGTH_BYTES } from '#config';
import { z } from 'zod';
import { errorCode } from './error-code.ts';
import { DataFolderError } from './local-stack-error.ts';

/** Secrets a laptop gets without asking. */
export interface LaptopSecrets {
  readonly payloadKey: Buffer;
  readonly supportToken: string;
  readonly signingKey: Buffer;
}

const secretsFile = z.object({
  payloadKey: z.base64(),
  supportToken: z.string().min(1),
  // Folders from before have none; it is added.
  signingKey: z.base64().optional(),
});
type Secrets = Required<z.infer<typeof secretsFile>>;

/**
 * The secrets of this data folder, made at the first start and kept in `secrets.json`, readable by its owner only: with another key the
 * kept payloads could not be read, and sent links would be void.
 */
export async function ensureLaptopSecrets(folder: string): Promise<LaptopSecrets> {
  const file = join(folder, 'secrets.json');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new DataFolderError(`${file} can't be read as secrets.`, { cause });
  });
  const former = text === undefined ? undefined : parse(text, file);
  const kept = former?.signingKey ? { ...former, signingKey: former.signingKey } : await makeSecrets(former, file);
  return {
    payloadKey: Buffer.from(kept.payloadKey, 'base64'),
    supportToken: kept.supportToken,
    signingKey: Buffer.from(kept.signingKey, 'base64'),
  };
}

async function makeSecrets(former: z.infer<typeof secretsFile> | undefined, file: string): Promise<Secrets> {
  const made = {
    payloadKey: randomBytes(KEY_LENGTH_BYTES).toString('base64'),
    supportToken: randomBytes(32).toString('hex'),
    signingKey: randomBytes(KEY_LENGTH_BYTES).toString('base64'),
    ...former,
  };
  await mkdir(dirname(file), { recursive: true });
  // Renamed into place, so that a start cut off here leaves no half file.
  await writeFile(`${file}.unfinished`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.unfinished`, file);
  return made;
}

function parse(text: string, file: string): z.infer<typeof secretsFile> {
  try {
    return secretsFile.parse(JSON.parse(text));
  } catch {
    throw new DataFolderError(`${file} can't be read as secrets.`);
  }
}
