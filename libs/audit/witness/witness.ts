import type { SigningKey } from '../signing.ts';
import { parseCheckpoint, signerOf } from '../tree/checkpoint.ts';
import { isConsistent, type SizeAndRoot } from '../tree/merkle.ts';
import { cosignNote } from '../tree/signed-note.ts';
import type { WitnessState } from './witness-state.ts';

export interface WitnessOptions {
  /** A name without spaces and plus signs, best a URL without its scheme. */
  name: string;
  key: SigningKey;
  state: WitnessState;
  /** The public keys (base64url) a log of this origin may sign with; null where the log is none of ours. */
  keysOf: (origin: string) => Promise<readonly string[] | null>;
  /** Seconds since 1970; default: this machine's clock. */
  now?: () => number;
}

export interface WitnessAnswer {
  status: 200 | 400 | 403 | 404 | 409 | 422;
  contentType: string;
  body: string;
}

const rootOfNothing: SizeAndRoot = {
  size: 0,
  root: Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex'),
};
const longestProof = 63;

/** The C2SP tlog-witness protocol: countersigns a checkpoint that continues what it countersigned last, and no other. */
export class Witness {
  constructor(private readonly options: WitnessOptions) {}

  /** @param request the body of `add-checkpoint`: old size, consistency proof, checkpoint */
  async addCheckpoint(request: string): Promise<WitnessAnswer> {
    const parsed = parseAddCheckpoint(request);
    const checkpoint = parsed && parseCheckpoint(parsed.note);
    if (!parsed || !checkpoint) return refused(400, 'this is no add-checkpoint request');
    const { oldSize, proof } = parsed;
    const { name, key, state, keysOf, now = () => Math.floor(Date.now() / 1000) } = this.options;
    const keys = await keysOf(checkpoint.origin);
    if (keys === null) return refused(404, 'the origin is unknown');
    if (!signerOf(checkpoint, keys)) return refused(403, 'the log has not signed it with a trusted key');
    if (oldSize > checkpoint.size) return refused(400, 'the old size is larger than the new one');
    // Comparing and keeping are one step: two requests at a time must not take the state back.
    return state.change(checkpoint.origin, async (note) => {
      const seen = note === null ? rootOfNothing : (parseCheckpoint(note) ?? rootOfNothing);
      if (oldSize !== seen.size)
        return [null, { status: 409, contentType: 'text/x.tlog.size', body: `${seen.size}\n` }];
      if (seen.size === checkpoint.size && !seen.root.equals(checkpoint.root)) {
        return [null, refused(409, 'another tree of this size has been countersigned')];
      }
      if (!isConsistent(seen, checkpoint, proof))
        return [null, refused(422, 'the tree is not the one seen before, continued')];
      const cosignature = cosignNote(checkpoint.note.text, name, key, now());
      return [`${parsed.note}${cosignature}`, { status: 200, contentType: 'text/plain', body: cosignature }];
    });
  }
}

/** The body of `add-checkpoint`. */
export function formatAddCheckpoint(oldSize: number, proof: readonly Buffer[], note: string): string {
  return `${[`old ${oldSize}`, ...proof.map((hash) => hash.toString('base64')), ''].join('\n')}\n${note}`;
}

function parseAddCheckpoint(request: string): { oldSize: number; proof: Buffer[]; note: string } | null {
  const end = request.indexOf('\n\n');
  const [first, ...hashes] = request.slice(0, Math.max(end, 0)).split('\n');
  const size = /^old (0|[1-9]\d{0,14})$/.exec(first ?? '')?.[1];
  const proof = hashes.map((hash) => Buffer.from(hash, 'base64'));
  if (!size || proof.length > longestProof || proof.some(({ length }) => length !== 32)) return null;
  return { oldSize: Number(size), proof, note: request.slice(end + 2) };
}

function refused(status: 400 | 403 | 404 | 409 | 422, why: string): WitnessAnswer {
  return { status, contentType: 'text/plain', body: `${why}\n` };
}
