import { chainHash, genesisHash, type ChainedEvent } from './chain.ts';
import { personalDigest } from './personal-digest.ts';
import type { ChainEnd } from './read-chain.ts';
import { isSignatureValid, keyIdOf, type SignedCheckpoint } from './signing.ts';
import { isOriginOf, parseCheckpoint, signerOf, type Checkpoint } from './tree/checkpoint.ts';
import { Frontier } from './tree/merkle.ts';
import { leafOf } from './tree/tree-store.ts';
import type { FirstInvalid, Verification } from './verification.ts';

/** What the trail should end with. */
export interface Closing {
  checkpoint: ChainEnd['checkpoint'];
  /** The keys that came with the trail. */
  keys: readonly string[];
  /** The keys the verifier trusts; without any only the trail's own ones can be asked. */
  trustedKeys?: readonly string[] | undefined;
}

/** The hash that what follows gives as the hash of its predecessor. */
type Blame = (hashByFollower: string | undefined) => FirstInvalid;

/** What a genuine checkpoint says. */
interface SignedHead {
  position: number;
  hash: string;
  at: string;
  /** Only where the trail is a tree. */
  root?: string;
}

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

  private readonly tree = new Frontier();
  private readonly roots = new Map<number, Buffer>();
  private readonly times = new Map<number, string>();

  /** @param marks sizes whose roots will be asked for: what others have signed or seen */
  constructor(
    private readonly organizationId: string,
    private readonly marks: ReadonlySet<number> = new Set(),
  ) {}

  /** The root over the first `size` events; undefined where there are not as many, or they are not in order. */
  rootAt(size: number): Buffer | undefined {
    return size === 0 ? new Frontier().root() : this.roots.get(size);
  }

  /** When what comes after the first `size` events happened, as the next one says. */
  timeAfter(size: number): string | undefined {
    return this.times.get(size);
  }

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
    if (this.marks.has(this.tree.size)) this.times.set(this.tree.size, event.at);
    this.tree.add(leafOf(hash));
    if (this.marks.has(this.tree.size)) this.roots.set(this.tree.size, this.tree.root());
  }

  /** Something stands at the next place that is no event, or only its seal is left. */
  addFault(why: 'unreadable' | 'missing', id?: string): void {
    this.events += why === 'unreadable' ? 1 : 0;
    this.firstInvalid ??= this.blame?.(undefined) ?? { position: this.head.position + 1, ...(id && { id }), why };
  }

  /** @param closing absent where the trail ends without one */
  finish(closing: Closing | undefined): Verification {
    const { checkpoint = null } = closing ?? {};
    const signed = closing && checkpoint ? this.signedHead(closing, checkpoint) : null;
    const signatureFault = signed && 'why' in signed ? signed : undefined;
    const head = signed && !('why' in signed) ? signed : null;
    const firstInvalid =
      // A checkpoint whose signature does not hold proves nothing about the length.
      this.firstInvalid ?? this.blame?.(checkpoint?.hash) ?? signatureFault ?? this.lengthFault(closing, head);
    return {
      valid: !firstInvalid,
      events: this.events,
      checkpoint: head,
      ...(firstInvalid && { firstInvalid }),
    };
  }

  private lengthFault(closing: Closing | undefined, signed: SignedHead | null): FirstInvalid | undefined {
    const { position, hash, id } = this.head;
    if (!closing) return { position: position + 1, why: 'cut_off' };
    const covered = signed?.position ?? 0;
    if (covered > position) return { position: position + 1, why: 'missing' };
    if (covered < position) return { position: covered + 1, why: 'not_covered' };
    const isRoot = signed?.root === undefined || signed.root === this.tree.root().toString('base64');
    if (signed && (signed.hash !== hash || !isRoot)) {
      return { position, ...(id && { id }), why: 'checkpoint_mismatch' };
    }
    return undefined;
  }

  private signedHead(closing: Closing, checkpoint: NonNullable<Closing['checkpoint']>): SignedHead | FirstInvalid {
    return 'note' in checkpoint
      ? this.headOfNote(closing, checkpoint, parseCheckpoint(checkpoint.note))
      : this.headOfChain(closing, checkpoint);
  }

  private headOfNote(
    { keys, trustedKeys = keys }: Closing,
    { hash, at, position: told }: { hash: string; at: string; position: number },
    note: Checkpoint | null,
  ): SignedHead | FirstInvalid {
    if (!note) return { position: told, why: 'signature_invalid' };
    const position = note.size;
    if (!isOriginOf(note.origin, this.organizationId)) return { position, why: 'wrong_organization' };
    if (signerOf(note, trustedKeys)) return { position, hash, at, root: note.root.toString('base64') };
    // Whoever signed it is told apart from whoever changed it.
    return { position, why: signerOf(note, keys) ? 'wrong_key' : 'signature_invalid' };
  }

  private headOfChain({ keys, trustedKeys = keys }: Closing, checkpoint: SignedCheckpoint): SignedHead | FirstInvalid {
    const { position, hash, at } = checkpoint;
    if (checkpoint.organizationId !== this.organizationId) return { position, why: 'wrong_organization' };
    if (trustedKeys.length === 0) return { position, why: 'signature_invalid' };
    const key = trustedKeys.find((trusted) => checkpoint.keyId === keyIdOf(trusted));
    if (key === undefined || (keys.length > 0 && !keys.includes(key))) return { position, why: 'wrong_key' };
    return isSignatureValid(key, checkpoint) ? { position, hash, at } : { position, why: 'signature_invalid' };
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
