import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { Refusal } from '#contracts';

/** This service as devices know it: a passkey made for another origin never answers here. */
export interface RelyingParty {
  /** `https://access.example.com`. */
  origin: string;
}

/** How long a person has for the device's dialog. */
export const ceremonyMilliseconds = 5 * 60_000;

const idOf = ({ origin }: RelyingParty) => new URL(origin).hostname;

export interface KnownPasskey {
  credentialId: string;
  publicKey: string;
  counter: number;
  transports: string[];
}

export type EnrolmentOptions = PublicKeyCredentialCreationOptionsJSON;
export type AssertionOptions = PublicKeyCredentialRequestOptionsJSON;

/** What a device needs to make a passkey: found without a name, and only after it has unlocked itself for the person. */
export async function enrolmentOptions(
  party: RelyingParty,
  person: { id: string; email: string; displayName: string },
  present: readonly Pick<KnownPasskey, 'credentialId' | 'transports'>[],
): Promise<EnrolmentOptions> {
  return generateRegistrationOptions({
    rpName: 'Countersign',
    rpID: idOf(party),
    userID: Buffer.from(person.id.replaceAll('-', ''), 'hex'),
    userName: person.email,
    userDisplayName: person.displayName,
    attestationType: 'none',
    excludeCredentials: present.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    timeout: ceremonyMilliseconds,
  });
}

/** @throws Refusal `passkey_invalid` for an answer to another question, of another origin, or without unlocking. */
export async function readEnrolment(
  { origin }: RelyingParty,
  challenge: string,
  response: RegistrationResponseJSON,
): Promise<KnownPasskey & { backedUp: boolean }> {
  const { registrationInfo } = await orInvalid(() =>
    verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: idOf({ origin }),
      requireUserVerification: true,
    }),
  );
  if (!registrationInfo) throw new Refusal('passkey_invalid');
  const { credential, credentialBackedUp } = registrationInfo;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: credential.transports ?? [],
    backedUp: credentialBackedUp,
  };
}

/** What a device needs to prove a passkey; without `allowed` it offers the ones it has for this service. */
export async function assertionOptions(
  party: RelyingParty,
  allowed: readonly Pick<KnownPasskey, 'credentialId' | 'transports'>[] = [],
): Promise<AssertionOptions> {
  return generateAuthenticationOptions({
    rpID: idOf(party),
    allowCredentials: allowed.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    userVerification: 'required',
    timeout: ceremonyMilliseconds,
  });
}

/** @throws Refusal `passkey_invalid` for what this passkey did not sign now, for us, unlocked by its person. */
export async function readAssertion(
  { origin }: RelyingParty,
  challenge: string,
  passkey: KnownPasskey,
  response: AuthenticationResponseJSON,
): Promise<{ counter: number; backedUp: boolean }> {
  const { verified, authenticationInfo } = await orInvalid(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: idOf({ origin }),
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: Buffer.from(passkey.publicKey, 'base64url'),
        counter: passkey.counter,
        transports: passkey.transports,
      },
    }),
  );
  if (!verified) throw new Refusal('passkey_invalid');
  return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
}

async function orInvalid<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch {
    // The library names what is wrong; a person can do nothing but try again, and a forger need not know.
    throw new Refusal('passkey_invalid');
  }
}
