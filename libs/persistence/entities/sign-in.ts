import { defineEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id, instant } from '../columns.ts';
import { rowSecurity } from '../tenancy.ts';
import { Account } from './account.ts';

/** A key in a person's device (WebAuthn): proves that they are there and, by its own unlocking, that they are they. */
const PasskeySchema = defineEntity({
  name: 'Passkey',
  policies: rowSecurity('passkey', null),
  indexes: [{ properties: ['accountId'] }],
  properties: {
    id: id(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    /** What the device calls it; base64url. */
    credentialId: p.text().unique(),
    /** COSE, base64url. */
    publicKey: p.text(),
    /** Never goes back, unless the key was copied; devices that share keys leave it at 0. */
    counter: p.integer().default(0),
    transports: p.array().$type<string[]>().defaultRaw("'{}'"),
    /** Whether it lives in several devices. */
    backedUp: p.boolean().default(false),
    name: p.text(),
    lastUsedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class Passkey extends PasskeySchema.class {}
PasskeySchema.setClass(Passkey);

/** An app that shows six digits every thirty seconds (RFC 6238); one a person. */
const AuthenticatorAppSchema = defineEntity({
  name: 'AuthenticatorApp',
  policies: rowSecurity('authenticator_app', null),
  properties: {
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id').primary(),
    /** Sealed: it must be read again to check digits. */
    sealedSecret: p.text(),
    /** Null until the person has shown that the app works. */
    confirmedAt: instant().nullable(),
    /** The newest half minute whose digits were used; none works twice. */
    lastTimeStep: p.integer().nullable(),
    createdAt: createdAt(),
  },
});
export class AuthenticatorApp extends AuthenticatorAppSchema.class {}
AuthenticatorAppSchema.setClass(AuthenticatorApp);

/** For the day the device is lost: each works once in place of the second factor. */
const RecoveryCodeSchema = defineEntity({
  name: 'RecoveryCode',
  policies: rowSecurity('recovery_code', null),
  uniques: [{ properties: ['accountId', 'codeDigest'] }],
  properties: {
    id: id(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    codeDigest: p.string(),
    usedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class RecoveryCode extends RecoveryCodeSchema.class {}
RecoveryCodeSchema.setClass(RecoveryCode);

export type SignInStepPurpose = 'second_factor' | 'passkey_sign_in' | 'passkey_enrolment' | 'passkey_proof';

/** Half-way: what was proven so far, or the challenge a device must sign. Used up by the next step, whatever comes of it. */
const SignInStepSchema = defineEntity({
  name: 'SignInStep',
  policies: rowSecurity('sign_in_step', null),
  indexes: [{ properties: ['accountId'] }],
  properties: {
    tokenDigest: p.string().primary(),
    purpose: p.string().$type<SignInStepPurpose>(),
    /** Null where anybody's passkey may answer. */
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id').nullable().deleteRule('cascade'),
    challenge: p.text().nullable(),
    expiresAt: instant(),
  },
});
export class SignInStep extends SignInStepSchema.class {}
SignInStepSchema.setClass(SignInStep);

/** A logout token of a provider that was obeyed: the same one again is refused. */
const LogoutTokenSchema = defineEntity({
  name: 'LogoutToken',
  policies: rowSecurity('logout_token', null),
  properties: {
    /** Of organization, issuer and `jti`. */
    digest: p.string().primary(),
    expiresAt: instant(),
  },
});
export class LogoutToken extends LogoutTokenSchema.class {}
LogoutTokenSchema.setClass(LogoutToken);

/**
 * A sign-in in vain, written down alike whether the name is anybody's, so that neither answer nor time tells. The worker
 * finds out whose it is, tells the trails concerned, and forgets it.
 */
const FailedSignInSchema = defineEntity({
  name: 'FailedSignIn',
  policies: rowSecurity('failed_sign_in', null),
  properties: {
    id: id(),
    login: p.text(),
    method: p.string(),
    sourceAddress: p.text().nullable(),
    at: instant(),
  },
});
export class FailedSignIn extends FailedSignInSchema.class {}
FailedSignInSchema.setClass(FailedSignIn);
