/** Issue 12: how surely it is known who is there, and what a customer asks for before somebody decides for it. */

/** Any open session; one whose person has just proven who they are; or by more than a password. */
export const approvalAssurances = ['session', 'recent', 'second_factor'] as const;
export type ApprovalAssurance = (typeof approvalAssurances)[number];

/** A proof counts as fresh for so long: time to read and decide, too short for an unattended desk. */
export const freshProofSeconds = 10 * 60;

/** When the person of a session last proved who they are. */
export interface Proof {
  authenticatedAt: Date;
  secondFactorAt: Date | null;
}

/** What a session stands on: methods as RFC 8176 names them, and an identity provider's own word. */
export interface Assurance extends Proof {
  amr: readonly string[];
  acr: string | null;
}

/** Whether the session's proof is what is asked for at this moment. */
export function isAssured(proof: Proof, wanted: ApprovalAssurance, now: Date): boolean {
  const isFresh = (at: Date | null) => at !== null && now.getTime() - at.getTime() <= freshProofSeconds * 1000;
  switch (wanted) {
    case 'session':
      return true;
    case 'recent':
      return isFresh(proof.authenticatedAt) || isFresh(proof.secondFactorAt);
    case 'second_factor':
      return isFresh(proof.secondFactorAt);
  }
}

/** The stronger of two wishes. */
export const stronger = (one: ApprovalAssurance, other: ApprovalAssurance): ApprovalAssurance =>
  approvalAssurances.indexOf(one) >= approvalAssurances.indexOf(other) ? one : other;

/** Methods (RFC 8176) that are more than something one knows. */
const secondFactors = [
  'mfa',
  'otp',
  'hwk',
  'swk',
  'sms',
  'tel',
  'pop',
  'fpt',
  'face',
  'iris',
  'retina',
  'vbm',
  'sc',
  'phr',
  'phrh',
];
/** Words of providers for the same: REFEDS, NIST's levels above the first, InCommon's and Okta's. */
const assuredContexts =
  /refeds\.org\/profile\/mfa|aal[23]|urn:okta:loa:2fa|(?:^|[:/])(?:mfa|phr|phrh|possessionorinherence|multifactor)$/i;

/** Whether a provider says that it asked for a second factor. */
export const saysSecondFactor = ({ amr, acr }: { amr: readonly string[]; acr: string | null }): boolean =>
  amr.some((method) => secondFactors.includes(method)) || (acr !== null && assuredContexts.test(acr));
