import { ChainVerifier } from './chain-verifier.ts';
import { parseLine, type ExportHeader, type ExportTrailer } from './export-format.ts';
import { keysVouchedFor, type KeyRing } from './keys/index.ts';
import type { Verification } from './verification.ts';

export interface VerifyOptions {
  /**
   * The public key (Ed25519, base64url) the trail must be signed with. Without it the trail is only compared with the
   * key it brings along, which whoever rewrote all of it could have put there.
   */
  publicKey?: string | undefined;
  /** The service's keys of before and after, each signed by the one before: what any of them signed is as good. */
  keyRing?: KeyRing | undefined;
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
  let header: ExportHeader | undefined;
  let verifier: ChainVerifier | undefined;
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
      verifier = new ChainVerifier(line.organizationId);
    } else if (line?.type === 'event') {
      eventLines += 1;
      verifier.add(line);
    } else if (line?.type === 'trailer') {
      trailer = line;
    } else {
      verifier.addFault('unreadable');
    }
  }

  if (!header || !verifier) return headerInvalid;
  const result = verifier.finish(
    trailer && { checkpoint: trailer.checkpoint, publicKey: header.publicKey, trustedKeys: trustedKeysOf(options) },
  );
  if (!result.valid || !trailer) return result;
  if (afterTrailer) return { ...result, valid: false, firstInvalid: { position: eventLines + 1, why: 'not_covered' } };
  if (trailer.count !== eventLines) {
    return { ...result, valid: false, firstInvalid: { position: eventLines, why: 'count_wrong' } };
  }
  return result;
}

const headerInvalid: Verification = {
  valid: false,
  events: 0,
  checkpoint: null,
  firstInvalid: { position: 0, why: 'header_invalid' },
};
