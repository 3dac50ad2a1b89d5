import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Gate } from './gate.ts';

const derive = promisify(argon2);

// OWASP's second recommendation for argon2id: 19 MiB, two passes.
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };

// Each derivation takes a core and 19 MiB for tens of milliseconds; more at once would starve everything else.
const gate = new Gate({ atOnce: 2, waiting: 200 });

/** PHC string of argon2id. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await gate.run(() => tagOf(password, nonce, cost));
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** Verifies against a PHC string; without one it works as long and says no, so that time tells nothing. */
export async function verifyPassword(password: string, phc: string | null): Promise<boolean> {
  const stored = parse(phc ?? decoy);
  const tag = await gate.run(() => tagOf(password, stored.nonce, stored));
  return timingSafeEqual(tag, stored.tag) && phc !== null;
}

type Cost = typeof cost;

async function tagOf(password: string, nonce: Buffer, parameters: Cost): Promise<Buffer> {
  const { memory, passes, parallelism, tagLength } = parameters;
  return derive('argon2id', { message: password.normalize('NFKC'), nonce, memory, passes, parallelism, tagLength });
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

const decoy = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(Buffer.alloc(16))}$${unpadded(Buffer.alloc(32))}`;

function parse(phc: string): Cost & { nonce: Buffer; tag: Buffer } {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(phc);
  if (!match) throw new Error('A stored password hash is not an argon2id string');
  const [, memory, passes, parallelism, nonce, tag] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const tagBytes = Buffer.from(tag, 'base64');
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: tagBytes.length,
    nonce: Buffer.from(nonce, 'base64'),
    tag: tagBytes,
  };
}
