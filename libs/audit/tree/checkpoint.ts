import type { SigningKey } from '../signing.ts';
import type { SizeAndRoot } from './merkle.ts';
import { isSignedBy, parseNote, signNote, type SignedNote } from './signed-note.ts';

/** The head of an organization's tree, as C2SP tlog-checkpoint writes it. */
export interface TreeHead extends SizeAndRoot {
  /** Names the log for ever, whatever address the service moves to: it ends with the organization's id. */
  origin: string;
}

/** A head with its signatures. */
export interface Checkpoint extends TreeHead {
  note: SignedNote;
}

export const originOf = (logName: string, organizationId: string) => `${logName}/audit/${organizationId}`;

/** Whether a log of this origin is the trail of this organization. */
export const isOriginOf = (origin: string, organizationId: string) => origin.endsWith(`/audit/${organizationId}`);

/** A signed note; its signature bears the name of the log. */
export function signHead(head: TreeHead, key: SigningKey): string {
  const text = `${head.origin}\n${head.size}\n${head.root.toString('base64')}\n`;
  return `${text}\n${signNote(text, head.origin, key)}`;
}

/** Null where the note is no checkpoint of a tree of SHA-256. Who signed it is not judged here. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const note = parseNote(text);
  const [, origin, size, base64] =
    /^([^\n]+)\n(0|[1-9]\d{0,14})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/.exec(note?.text ?? '') ?? [];
  if (!note || !origin || !size || !base64) return null;
  return { origin, size: Number(size), root: Buffer.from(base64, 'base64'), note };
}

/** The public key (base64url) of those given that has signed the checkpoint as the log; undefined where none has. */
export function signerOf({ origin, note }: Checkpoint, publicKeys: readonly string[]): string | undefined {
  return publicKeys.find((publicKey) => isSignedBy(note, { name: origin, type: 'ed25519', publicKey }));
}
