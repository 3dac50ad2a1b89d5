import type { ChainVerifier } from '../chain-verifier.ts';
import type { Checkpoint } from '../tree/checkpoint.ts';
import { cosignedAt, type NamedKey } from '../tree/signed-note.ts';
import type { Verification, WitnessedUpTo } from '../verification.ts';

interface Judging {
  verifier: ChainVerifier;
  /** The countersigned checkpoints that came with the trail. */
  witnessed: readonly Checkpoint[];
  witnesses: readonly NamedKey[];
  exportedAt: string;
}

/** A witness that looks once a day and finds nothing wrong is never further behind. */
const longestLag = 24 * 60 * 60 * 1000;

/**
 * Compares a trail that is valid in itself with what each witness has countersigned. A witness that stopped signing where
 * something was rewritten says so by its silence: that is why how far behind it is counts, too.
 */
export function judgeWitnesses(
  result: Verification,
  { verifier, witnessed, witnesses, exportedAt }: Judging,
): Verification {
  const upTo: WitnessedUpTo[] = [];
  for (const witness of witnesses) {
    const signed = witnessed
      .flatMap((checkpoint) => {
        const seconds = cosignedAt(checkpoint.note, witness);
        return seconds === null ? [] : [{ checkpoint, seconds }];
      })
      .toSorted((left, right) => right.checkpoint.size - left.checkpoint.size)
      .at(0);
    if (!signed) return { ...result, valid: false, firstInvalid: { position: 1, why: 'not_witnessed' } };
    const { size, root } = signed.checkpoint;
    const own = verifier.rootAt(size);
    if (!own)
      return { ...result, valid: false, firstInvalid: { position: result.events + 1, why: 'checkpoint_restored' } };
    if (!own.equals(root))
      return { ...result, valid: false, firstInvalid: { position: size, why: 'rewritten_before' } };
    const next = verifier.timeAfter(size);
    if (next !== undefined && Date.parse(exportedAt) - Date.parse(next) > longestLag) {
      return { ...result, valid: false, firstInvalid: { position: size + 1, why: 'witness_behind' } };
    }
    upTo.push({ name: witness.name, position: size, at: new Date(signed.seconds * 1000).toISOString() });
  }
  return { ...result, witnesses: upTo };
}
