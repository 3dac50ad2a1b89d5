import { chainHash, genesisHash, type ChainedEvent } from './chain.ts';
import { personalDigest } from './personal-digest.ts';
import { isSignatureValid, keyIdOf, type SignedCheckpoint } from './signing.ts';
import type { FirstInvalid, Verification } from './verification.ts';

/** What the trail should end with. */
export interface Closing {
  checkpoint: SignedCheckpoint | null;
  /** The key that came with the trail. */
  publicKey: string | null;
  /** The keys the verifier trusts; without any only the trail's own key can be asked. */
  trustedKeys?: readonly string[] | undefined;
}

/** The hash that what follows gives as the hash of its predecessor. */
type Blame = (hashByFollower: string | undefined) => FirstInvalid;

/**
 * Follows one chain event by event in constant memory. The hash of an event can be recomputed by anybody, the signed
 * checkpoint by nobody: so where two neighbours contradict each other, the one that what follows agrees with is right.
 */
export class ChainVerifier {
  private events = 0;
  private head: { position: number; hash: string; id?: string } = { position: 0, hash: genesisHash };
  private firstInvalid: FirstInvalid | undefined;
  /** Two neighbours contradict each other; what follows tells which of them is wrong. */
  private blame: Blame | undefined;

  constructor(private readonly organizationId: string) {}

  add(event: ChainedEvent): void {
    this.events += 1;
    if (this.firstInvalid) return;
    if (this.blame) {
      this.firstInvalid = this.blame(event.previousHash);
      return;
    }
    const { head } = this;
    const place = head.position + 1;
    const { id, position, previousHash, hash } = event;
    if (chainHash(previousHash, { organizationId: this.organizationId, position }, event) !== hash) {
      this.firstInvalid = { position: place, id, why: 'changed' };
    } else if (position > place) {
      this.blame = misplaced(event, place);
    } else if (position < place) {
      this.blame = repeated(event, head);
    } else if (previousHash !== head.hash) {
      this.blame = unlinked(event, head);
    } else if (!isPersonalPartIntact(event)) {
      this.firstInvalid = { position, id, why: 'personal_data_changed' };
    }
    this.head = { position: place, hash, id };
  }

  /** Something stands at the next place that is no event, or only its seal is left. */
  addFault(why: 'unreadable' | 'missing', id?: string): void {
    this.events += why === 'unreadable' ? 1 : 0;
    this.firstInvalid ??= this.blame?.(undefined) ?? { position: this.head.position + 1, ...(id && { id }), why };
  }

  /** @param closing absent where the trail ends without one */
  finish(closing: Closing | undefined): Verification {
    const { checkpoint = null } = closing ?? {};
    const signatureFault = closing && checkpoint ? this.signatureFault(closing, checkpoint) : undefined;
    const vouched = checkpoint !== null && !signatureFault;
    const firstInvalid =
      // A checkpoint whose signature does not hold proves nothing about the length.
      this.firstInvalid ?? this.blame?.(checkpoint?.hash) ?? signatureFault ?? this.lengthFault(closing);
    return {
      valid: !firstInvalid,
      events: this.events,
      checkpoint: vouched ? { position: checkpoint.position, hash: checkpoint.hash, at: checkpoint.at } : null,
      ...(firstInvalid && { firstInvalid }),
    };
  }

  private lengthFault(closing: Closing | undefined): FirstInvalid | undefined {
    const { position, hash, id } = this.head;
    if (!closing) return { position: position + 1, why: 'cut_off' };
    const covered = closing.checkpoint?.position ?? 0;
    if (covered > position) return { position: position + 1, why: 'missing' };
    if (covered < position) return { position: covered + 1, why: 'not_covered' };
    if (closing.checkpoint && closing.checkpoint.hash !== hash) {
      return { position, ...(id && { id }), why: 'checkpoint_mismatch' };
    }
    return undefined;
  }

  private signatureFault(closing: Closing, checkpoint: SignedCheckpoint): FirstInvalid | undefined {
    const { position } = checkpoint;
    if (checkpoint.organizationId !== this.organizationId) return { position, why: 'wrong_organization' };
    const { publicKey, trustedKeys = publicKey === null ? [] : [publicKey] } = closing;
    if (trustedKeys.length === 0) return { position, why: 'signature_invalid' };
    const key = trustedKeys.find((trusted) => checkpoint.keyId === keyIdOf(trusted));
    if (key === undefined || (publicKey !== null && publicKey !== key)) return { position, why: 'wrong_key' };
    return isSignatureValid(key, checkpoint) ? undefined : { position, why: 'signature_invalid' };
  }
}

// A later event stands at this place: either the ones between are gone, or they come afterwards.
function misplaced(event: ChainedEvent, place: number): Blame {
  return (hashByFollower) =>
    hashByFollower === event.hash
      ? { position: place, why: 'missing' }
      : { position: place, id: event.id, why: 'out_of_order' };
}

// A position comes a second time. Where the follower agrees with the second one, the first one was slipped in.
function repeated(event: ChainedEvent, head: { position: number; hash: string; id?: string }): Blame {
  return (hashByFollower) =>
    event.position === head.position && event.hash !== head.hash && hashByFollower === event.hash
      ? { position: head.position, ...(head.id && { id: head.id }), why: 'inserted' }
      : { position: head.position + 1, id: event.id, why: 'inserted' };
}

// Right in itself but not the successor of the one before: one of the two is not the one that was sealed.
function unlinked(event: ChainedEvent, head: { position: number; hash: string; id?: string }): Blame {
  return (hashByFollower) =>
    head.position > 0 && hashByFollower === event.hash
      ? { position: head.position, ...(head.id && { id: head.id }), why: 'replaced' }
      : { position: event.position, id: event.id, why: 'changed' };
}

function isPersonalPartIntact({ personal, salt, personalDigest: digest }: ChainedEvent): boolean {
  if (personal === null && salt === null) return true;
  return personal !== null && salt !== null && personalDigest(salt, personal) === digest;
}
