import type { SecondFactorProof } from '#decisions';

/** One field for both: digits are the app's, anything else is meant as a recovery code. */
export const proofTyped = (text: string): SecondFactorProof =>
  /^\s*\d{3}\s?\d{3}\s*$/.test(text) ? { code: text } : { recoveryCode: text };
