import { createHash, randomInt } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';

/** A secret for an authenticator app (RFC 6238), in base32, as it is typed where no camera is at hand. */
export const newAuthenticatorSecret = (): string => generateSecret();

/** What the app reads from a QR code. */
export const authenticatorUri = (secret: string, label: string): string =>
  generateURI({ issuer: 'Countersign', label, secret });

/** A phone's clock may be off by a step. */
const toleranceSeconds = 30;

/** The half minute whose digits these are, if it is a new one; null for wrong digits and for used ones. */
export function timeStepOf(
  secret: string,
  digits: string,
  { now, after }: { now: Date; after: number | null },
): number | null {
  if (!/^\d{6}$/.test(digits)) return null;
  const result = verifySync({
    secret,
    token: digits,
    epoch: Math.floor(now.getTime() / 1000),
    epochTolerance: toleranceSeconds,
    ...(after !== null && { afterTimeStep: after }),
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const recoveryCodes = 10;

/** Ten codes of 79 bits, of letters and digits that are not mistaken for each other: `abcd-efgh-jkmn-pqrs`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodes }, () =>
    Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')).join(
      '-',
    ),
  );
}

/** Codes are random, so a plain hash suffices; blanks, dashes and case are a matter of handwriting. */
export const recoveryCodeDigest = (code: string): string =>
  createHash('sha256')
    .update(code.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .digest('base64url');
