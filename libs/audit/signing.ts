import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** The head of an organization's chain at a moment. */
export interface ChainHead {
  organizationId: string;
  position: number;
  hash: string;
  /** ISO 8601, UTC, milliseconds. */
  at: string;
}

export interface SignedCheckpoint extends ChainHead {
  keyId: string;
  /** Ed25519 over the canonical JSON of the head, base64url. */
  signature: string;
}

export interface SigningKey {
  keyId: string;
  /** The 32 bytes of the Ed25519 public key, base64url. */
  publicKey: string;
  privateKey: KeyObject;
}

const seedBytes = 32;

// RFC 8410: what stands before the 32 bytes of an Ed25519 private key in its PKCS #8 form.
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 key of a 32-byte seed (RFC 8032); the same seed gives the same key on every instance. */
export function signingKeyFrom(seed: Uint8Array): SigningKey {
  if (seed.length !== seedBytes) throw new TypeError(`A signing key needs a seed of ${seedBytes} bytes`);
  const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });
  const { x: publicKey } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (!publicKey) throw new TypeError('The seed gave no public key');
  return { keyId: keyIdOf(publicKey), publicKey, privateKey };
}

/** Names a public key shortly: the first half of its SHA-256. */
export function keyIdOf(publicKey: string): string {
  return createHash('sha256').update(publicKey, 'base64url').digest().subarray(0, 16).toString('base64url');
}

export function signCheckpoint(key: SigningKey, head: ChainHead): SignedCheckpoint {
  return { ...head, keyId: key.keyId, signature: sign(null, signedText(head), key.privateKey).toString('base64url') };
}

/** False for every wrong key, signature or text, malformed ones included. */
export function isSignatureValid(publicKey: string, checkpoint: SignedCheckpoint): boolean {
  return (
    checkpoint.keyId === keyIdOf(publicKey) && verifiesWith(publicKey, signedText(checkpoint), checkpoint.signature)
  );
}

/** Whether an Ed25519 signature (base64url) over the text is of this key (base64url); false for malformed ones, too. */
export function verifiesWith(publicKey: string, text: Uint8Array, signature: string): boolean {
  try {
    return verify(null, text, publicKeyFrom(publicKey), Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

const knownKeys = new Map<string, KeyObject>();
const mostKnownKeys = 100;

/** Making a key object takes longer than a signature; a sealer asks for the same few keys again and again. */
function publicKeyFrom(publicKey: string): KeyObject {
  const known = knownKeys.get(publicKey);
  if (known) return known;
  const made = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  if (knownKeys.size >= mostKnownKeys) knownKeys.clear();
  knownKeys.set(publicKey, made);
  return made;
}

// The purpose is signed, too: no signature of this key for something else can stand for a checkpoint.
function signedText({ organizationId, position, hash, at }: ChainHead): Buffer {
  return Buffer.from(canonicalJson({ purpose: 'countersign/audit-checkpoint', organizationId, position, hash, at }));
}
