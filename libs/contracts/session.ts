import { z } from 'zod';
import { administratorRoles, apiKeyScopes, workspaceRoles } from '#access';
import { displayName, email, instant, person, singleLine, slug, plainText, uuid } from './scalars.ts';

export const password = z.string().min(1).max(1000);

export const createSession = z
  .union([z.strictObject({ email: plainText(254), password }), z.strictObject({ username: plainText(254), password })])
  .meta({ id: 'CreateSession', example: { email: 'ada@acme.example', password: 'correct horse battery staple' } });

export const session = z.object({ token: z.string(), expiresAt: instant, account: person }).meta({ id: 'Session' });

export const me = z
  .object({
    /** Null where no person calls, but a service or the support team's token. */
    account: person.extend({ aliases: z.array(email) }).nullable(),
    /** Only where an API key calls. */
    service: z
      .object({
        id: uuid,
        name: z.string(),
        organizationId: uuid,
        workspaceRole: z.enum(workspaceRoles).nullable(),
        administratorRoles: z.array(z.enum(administratorRoles)),
        scopes: z.array(z.enum(apiKeyScopes)),
        expiresAt: instant,
      })
      .optional(),
    session: z
      .object({
        id: uuid,
        method: z.enum(['password', 'passkey', 'sso']),
        organizationId: uuid.nullable(),
        expiresAt: instant,
      })
      .nullable(),
    memberships: z.array(
      z.object({
        id: uuid,
        organization: z.object({ id: uuid, kind: z.string(), name: z.string(), slug: z.string() }),
        kind: z.enum(['home', 'external']),
        workspaceRole: z.enum(workspaceRoles).nullable(),
        administratorRoles: z.array(z.enum(administratorRoles)),
        derivedRoles: z.array(z.literal('provisioning_administrator')),
        login: z.object({ partnerHub: z.boolean(), helpDesk: z.boolean() }),
      }),
    ),
    support: z.boolean(),
  })
  .meta({ id: 'Me' });

export const changeOwnAccount = z
  .strictObject({ displayName })
  .meta({ id: 'ChangeOwnAccount', example: { displayName: 'Ada King' } });
export const requestAddressChange = z
  .strictObject({ email })
  .meta({ id: 'RequestAddressChange', example: { email: 'ada.king@acme.example' } });
export const confirmAddressChange = z
  .strictObject({ token: singleLine(200) })
  .meta({ id: 'ConfirmAddressChange', example: { token: 'cs_address_…' } });
/** Whether both links were opened by now, and the address is the new one. */
export const addressChangeState = z.object({ isDone: z.boolean() }).meta({ id: 'AddressChangeState' });

/** How a session came about. */
export const signInMethod = z.enum(['password', 'passkey', 'sso']);

/** One sign-in of a person, as they see it: where, how, and until when. */
export const sessionSummary = z
  .object({
    id: uuid,
    method: signInMethod,
    organizationId: uuid.nullable(),
    /** Authentication methods (RFC 8176), and the identity provider's own word where it was one. */
    amr: z.array(z.string()),
    acr: z.string().nullable(),
    /** When the person last proved who they are, and when last by more than a password. */
    authenticatedAt: instant,
    secondFactorAt: instant.nullable(),
    userAgent: z.string().nullable(),
    createdAt: instant,
    lastSeenAt: instant,
    expiresAt: instant,
    current: z.boolean(),
  })
  .meta({ id: 'SessionSummary' });
export type Me = z.infer<typeof me>;

export const sessionList = z.object({ items: z.array(sessionSummary) }).meta({ id: 'SessionList' });
export type SessionSummary = z.infer<typeof sessionSummary>;

/** RFC 7636: 43 characters are the SHA-256 of the verifier in base64url. */
const codeChallenge = z.string().regex(/^[\w-]{43}$/);
const codeVerifier = z.string().regex(/^[\w.~-]{43,128}$/);

/** RFC 8252: a native client listens on the loopback interface, on a port of its choice. */
const loopbackRedirect = z
  .url()
  .max(500)
  .refine((text) => {
    const url = URL.parse(text);
    return (
      url?.protocol === 'http:' &&
      /^(127\.0\.0\.1|\[::1\])$/.test(url.hostname) &&
      url.username === '' &&
      url.hash === ''
    );
  }, 'http://127.0.0.1:<port>/… or http://[::1]:<port>/…')
  .meta({ pattern: String.raw`^http://(127\.0\.0\.1|\[::1\])(:[0-9]{1,4})?(/[\w/-]*)?$` });

export const startSingleSignOn = z.object({
  return: plainText(2000).optional(),
  codeChallenge: codeChallenge.optional(),
  redirectUri: loopbackRedirect.optional(),
  /** The token of an invite's mail: signing in accepts it. */
  invite: singleLine(200).optional(),
  /** The token of the mail that offers to connect a provider with an account. */
  link: singleLine(200).optional(),
  /** A test of the provider that an Owner or full administrator has begun. */
  test: singleLine(8000).optional(),
});
export const organizationSlug = slug;
/** Of what the provider sends back, all but this is the OpenID library's to judge. */
export const backFromProvider = z.looseObject({ state: z.string().max(500).catch('') });

export const sessionCode = z.object({ code: z.string(), expiresAt: instant }).meta({ id: 'SessionCode' });
export const exchangeSessionCode = z.strictObject({ code: singleLine(200), codeVerifier }).meta({
  id: 'ExchangeSessionCode',
  example: { code: 'cs_code_…', codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' },
});

/** What `PublicKeyCredential.toJSON()` gives in a browser (WebAuthn 3, 5.1); what is in it is judged by its signature. */
const credentialJson = z
  .looseObject({
    id: plainText(2000),
    rawId: plainText(2000),
    type: z.literal('public-key'),
    response: z.looseObject({}),
  })
  .meta({ id: 'PublicKeyCredential' });
const stepToken = singleLine(100);

export const passkeyChallenge = z
  .object({ step: z.string(), options: z.record(z.string(), z.unknown()) })
  .meta({ id: 'PasskeyChallenge' });
export const passkeyAnswer = z
  .strictObject({ step: stepToken, response: credentialJson })
  .meta({ id: 'PasskeyAnswer' });
export const enrolPasskey = z
  .strictObject({ step: stepToken, response: credentialJson, name: singleLine(100).default('Passkey') })
  .meta({ id: 'EnrolPasskey' });

const digits = z.string().regex(/^\s*\d{3}\s?\d{3}\s*$/);
const byCode = z.strictObject({ code: digits });
const byRecoveryCode = z.strictObject({ recoveryCode: plainText(100).min(1) });
const byPasskey = z.strictObject({ passkey: passkeyAnswer });
/** One proof beside the password. */
export const completeSignIn = z
  .union([
    byCode.extend({ step: stepToken }),
    byRecoveryCode.extend({ step: stepToken }),
    byPasskey.extend({ step: stepToken }),
  ])
  .meta({ id: 'CompleteSignIn', example: { step: 'cs_step_…', code: '123456' } });
export const proveAgain = z
  .union([z.strictObject({ password }), byCode, byRecoveryCode, byPasskey])
  .meta({ id: 'ProveAgain', example: { password: 'correct horse battery staple' } });
export const signInStep = z.object({ step: stepToken }).meta({ id: 'SignInStep' });

export const passkey = z
  .object({
    id: uuid,
    name: z.string(),
    /** Whether it lives in several devices. */
    backedUp: z.boolean(),
    createdAt: instant,
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: 'Passkey' });
/** Recovery codes come with the first way beside a password, and are shown once. */
export const enrolledPasskey = passkey
  .extend({ recoveryCodes: z.array(z.string()).nullable() })
  .meta({ id: 'EnrolledPasskey' });
export const authenticatorSecret = z
  .object({ secret: z.string(), uri: z.string() })
  .meta({ id: 'AuthenticatorSecret' });
export const confirmAuthenticatorApp = z
  .strictObject({ code: digits })
  .meta({ id: 'ConfirmAuthenticatorApp', example: { code: '123456' } });
export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()).nullable() }).meta({ id: 'RecoveryCodes' });
export const signInMethods = z
  .object({
    password: z.boolean(),
    passkeys: z.array(passkey),
    authenticatorApp: z.object({ confirmedAt: instant }).nullable(),
    recoveryCodesLeft: z.int(),
  })
  .meta({ id: 'SignInMethods' });
export type SignInMethodsView = z.infer<typeof signInMethods>;

/** Named by OpenID Connect Back-Channel Logout 1.0. */
export const backChannelLogout = z.object({ logout_token: plainText(20_000).min(1) }).meta({ id: 'BackChannelLogout' });

export const requestPasswordReset = z.strictObject({ email }).meta({ id: 'RequestPasswordReset' });
export const resetPassword = z.strictObject({ token: singleLine(200), password }).meta({ id: 'ResetPassword' });
export const changePassword = z
  .strictObject({ currentPassword: password, password })
  .meta({ id: 'ChangePassword', example: { currentPassword: '…', password: 'correct horse battery staple' } });
