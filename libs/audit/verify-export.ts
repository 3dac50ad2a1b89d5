import { ChainVerifier } from './chain-verifier.ts';
import { exportFormat, parseLine, type ExportHeader, type ExportTrailer } from './export-format.ts';
import { EarlierEvents, type Earlier } from './earlier.ts';
import { keysVouchedFor, type KeyRing } from './keys/index.ts';
import { parseCheckpoint, type Checkpoint } from './tree/checkpoint.ts';
import type { NamedKey } from './tree/signed-note.ts';
import type { FirstInvalid, Verification } from './verification.ts';
import { judgeWitnesses } from './witness/judge-witnesses.ts';

export interface VerifyOptions {
  /**
   * The public key (Ed25519, base64url) the trail must be signed with. Without it the trail is only compared with the
   * key it brings along, which whoever rewrote all of it could have put there.
   */
  publicKey?: string | undefined;
  /** The service's keys of before and after, each signed by the one before: what any of them signed is as good. */
  keyRing?: KeyRing | undefined;
  /** What was kept of the trail earlier: it must be the beginning of this one. */
  against?: Earlier | undefined;
  /** Keys of witnesses that must have countersigned the trail. */
  witnesses?: readonly NamedKey[] | undefined;
}

/** Undefined where no key is trusted. */
export function trustedKeysOf({ publicKey, keyRing = [] }: VerifyOptions): string[] | undefined {
  return publicKey === undefined ? undefined : keysVouchedFor(keyRing, publicKey);
}

/** Verifies an export with nothing but its lines: no service, no database, constant memory. */
export async function verifyExport(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { against, witnesses = [] } = options;
  const earlierEvents = against?.lines && new EarlierEvents(against.lines);
  let header: ExportHeader | undefined;
  let verifier: ChainVerifier | undefined;
  let witnessed: Checkpoint[] = [];
  let trailer: ExportTrailer | undefined;
  let eventLines = 0;
  let afterTrailer = false;

  for await (const text of lines) {
    if (text.trim() === '') continue;
    if (trailer) {
      afterTrailer = true;
      break;
    }
    const line = parseLine(text);
    if (!verifier) {
      if (line?.type !== 'header') return headerInvalid;
      header = line;
      witnessed = line.format === exportFormat ? line.witnessed.flatMap((note) => parseCheckpoint(note) ?? []) : [];
      const heads = [...witnessed, ...(against?.head ? [against.head] : [])];
      verifier = new ChainVerifier(line.organizationId, new Set(heads.map(({ size }) => size)));
    } else if (line?.type === 'event') {
      eventLines += 1;
      verifier.add(line);
      await earlierEvents?.compare(line);
    } else if (line?.type === 'trailer') {
      trailer = line;
    } else {
      verifier.addFault('unreadable');
    }
  }

  if (!header || !verifier) return headerInvalid;
  const ring = header.format === exportFormat ? header.keys : [];
  const keyRing = [...(options.keyRing ?? []), ...ring].length > 0 ? (options.keyRing ?? ring) : [];
  const keys =
    header.format === exportFormat ? ring.map(({ publicKey }) => publicKey) : [header.publicKey ?? []].flat();
  const result = verifier.finish(
    trailer && { checkpoint: trailer.checkpoint, keys, trustedKeys: trustedKeysOf({ ...options, keyRing }) },
  );
  const isSigned = result.valid || result.firstInvalid?.why === 'not_covered';
  const seenEarlier =
    (await earlierEvents?.finish(eventLines, isSigned)) ??
    (against?.head && compareHead(verifier, against.head, eventLines, isSigned));
  const found = earliest(result.firstInvalid, seenEarlier);
  if (found) return { ...result, valid: false, firstInvalid: found };
  if (afterTrailer) return { ...result, valid: false, firstInvalid: { position: eventLines + 1, why: 'not_covered' } };
  if (trailer && trailer.count !== eventLines) {
    return { ...result, valid: false, firstInvalid: { position: eventLines, why: 'count_wrong' } };
  }
  if (witnesses.length === 0) return result;
  return judgeWitnesses(result, { verifier, witnessed, witnesses, exportedAt: header.exportedAt });
}

/** All that is known is how much was signed or seen, and its root. */
function compareHead(
  verifier: ChainVerifier,
  { size, root }: NonNullable<Earlier['head']>,
  events: number,
  isSigned: boolean,
): FirstInvalid | undefined {
  if (size > events) return { position: events + 1, why: isSigned ? 'checkpoint_restored' : 'truncated' };
  const own = verifier.rootAt(size);
  return own === undefined || own.equals(root) ? undefined : { position: size, why: 'rewritten_before' };
}

/** Of two faults the one that comes first; what an earlier record shows says more than what the trail itself does. */
function earliest(own: FirstInvalid | undefined, seen: FirstInvalid | undefined): FirstInvalid | undefined {
  if (!own || !seen) return own ?? seen;
  return own.position < seen.position ? own : seen;
}

const headerInvalid: Verification = {
  valid: false,
  events: 0,
  checkpoint: null,
  firstInvalid: { position: 0, why: 'header_invalid' },
};
