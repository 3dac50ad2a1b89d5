import { defineEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id, instant } from '../columns.ts';
import { alsoReadable, isManaged, namedBy, ownAccount, rowSecurity, standingReads } from '../tenancy.ts';
import { Organization } from './organization.ts';

// A person is visible where one of their memberships is; the inner select is itself under row-level security.
const visibleAccount = (column: string) =>
  `${ownAccount(column)} or exists (select 1 from membership where membership.account_id = ${column})`;

const AccountSchema = defineEntity({
  name: 'Account',
  // As with organizations: who asked, decided or held access stays readable to both sides.
  policies: [
    ...rowSecurity('account', visibleAccount('account.id'), ownAccount('id')),
    standingReads('account'),
    alsoReadable(
      'account',
      `${namedBy('elevation', 'account.id', 'requester_id', 'decided_by_id')} or ${namedBy('"grant"', 'account.id', 'account_id', 'approved_by_id', 'ended_by_id')}`,
    ),
  ],
  properties: {
    id: id(),
    displayName: p.text(),
    email: p.text(),
    consumer: p.boolean().default(false),
    /** IANA zone for pages; null follows the browser. */
    timeZone: p.string().nullable(),
    removedAt: instant().nullable(),
    version: p.integer().version(),
    createdAt: createdAt(),
  },
});
export class Account extends AccountSchema.class {}
AccountSchema.setClass(Account);

/**
 * What somebody is reached by, in lower case. Proven by a mail to it, an address is one person's, once. Until then it is
 * the word of one organization, its administrator's or its identity provider's, and counts in that organization alone:
 * two organizations may say it of different people, and neither stands in the way of whoever proves the mailbox.
 */
const AddressSchema = defineEntity({
  name: 'Address',
  // A tenant writes the aliases it gives and nothing else.
  policies: [
    ...rowSecurity(
      'address',
      visibleAccount('address.account_id'),
      `kind = 'alias' and (${isManaged('given_by_organization_id')})`,
    ),
    standingReads('address'),
  ],
  indexes: [{ properties: ['accountId'] }, { properties: ['address'] }],
  uniques: [
    {
      name: 'address_proven_once',
      expression: 'create unique index address_proven_once on address (address) where verified_at is not null',
    },
    {
      name: 'address_claimed_once',
      expression:
        'create unique index address_claimed_once on address (address, given_by_organization_id) where verified_at is null',
    },
  ],
  properties: {
    id: id(),
    address: p.text(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    kind: p.string().$type<'primary' | 'alias'>(),
    /** Whose administrator gave the alias, or whose provider said the main address; it goes with that membership. */
    givenByOrganizationId: () => p.manyToOne(Organization).mapToPk().name('given_by_organization_id').nullable(),
    /** When a mail to it was answered; null while it is the organization's word alone. */
    verifiedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class Address extends AddressSchema.class {}
AddressSchema.setClass(Address);

/** Only the system role reads credentials: no tenant has business with them. */
const CredentialSchema = defineEntity({
  name: 'Credential',
  policies: rowSecurity('credential', null),
  properties: {
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id').primary(),
    /** Lower-case; people sign in by address or by this name. */
    username: p.text().unique(),
    passwordHash: p.text(),
    changedAt: instant(),
  },
});
export class Credential extends CredentialSchema.class {}
CredentialSchema.setClass(Credential);

/** One tenant's issuer cannot let anybody into another tenant: the organization is part of the identity. */
const SsoIdentitySchema = defineEntity({
  name: 'SsoIdentity',
  policies: rowSecurity('sso_identity', null),
  uniques: [{ properties: ['organizationId', 'issuer', 'subject'] }],
  indexes: [{ properties: ['accountId'] }],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    issuer: p.text(),
    subject: p.text(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    /** The settings of the provider that were in use the last time: issuer, client and secret, as a digest. */
    providerDigest: p.string().nullable(),
    lastSignedInAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class SsoIdentity extends SsoIdentitySchema.class {}
SsoIdentitySchema.setClass(SsoIdentity);

/** How a session came about; each organization allows the ones it does. */
export type SignInMethod = 'password' | 'passkey' | 'sso';

/** What is known of the proof a session stands on. */
const proof = {
  /** Authentication methods (RFC 8176), ours or as the provider told them. */
  amr: p.array().$type<string[]>().defaultRaw("'{}'"),
  /** The provider's word for how sure it is. */
  acr: p.text().nullable(),
  /** The identity that a provider asserted, and the provider's own session (`sid`), by which it may end ours. */
  ssoIdentityId: () => p.manyToOne(SsoIdentity).mapToPk().name('sso_identity_id').nullable().deleteRule('set null'),
  providerSessionId: p.text().nullable(),
};

const SessionSchema = defineEntity({
  name: 'Session',
  policies: [...rowSecurity('session', null), standingReads('session')],
  indexes: [{ properties: ['accountId'] }],
  properties: {
    id: id(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    tokenDigest: p.string().unique(),
    /** The organization the person signed in at; null for a password login, which belongs to no single one. */
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id').nullable(),
    method: p.string().$type<SignInMethod>(),
    ...proof,
    /** When the person last proved that it is them, by whatever means. */
    authenticatedAt: instant().defaultRaw('clock_timestamp()'),
    /** When they last proved it by something else than a password. */
    secondFactorAt: instant().nullable(),
    userAgent: p.text().nullable(),
    lastSeenAt: instant(),
    expiresAt: instant(),
    revokedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

/**
 * A wish for a new password, written whether or not the address is known: who asks learns nothing from the answer or its
 * time. The workflow finds out whose address it is; only then there is an account, a link and a mail.
 */
const PasswordResetSchema = defineEntity({
  name: 'PasswordReset',
  policies: rowSecurity('password_reset', null),
  indexes: [
    { properties: ['accountId'] },
    {
      name: 'password_reset_open',
      expression: 'create index password_reset_open on password_reset (expires_at) where used_at is null',
    },
  ],
  properties: {
    id: id(),
    /** As it was typed, in lower case; forgotten once it was looked up, unless the mail goes to this very address. */
    address: p.text().nullable(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id').nullable(),
    tokenDigest: p.string().unique().nullable(),
    expiresAt: instant(),
    /** When the password was changed: by the link or, without one, by the signed-in person. */
    usedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class PasswordReset extends PasswordResetSchema.class {}
PasswordResetSchema.setClass(PasswordReset);

/** What an API client exchanges for a session after a single sign-on in a browser: used once, within a minute. */
const SessionCodeSchema = defineEntity({
  name: 'SessionCode',
  policies: rowSecurity('session_code', null),
  properties: {
    codeDigest: p.string().primary(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    /** S256 of a secret only the client that began knows (RFC 7636). */
    codeChallenge: p.string(),
    ...proof,
    authenticatedAt: instant(),
    secondFactorAt: instant().nullable(),
    expiresAt: instant(),
  },
});
export class SessionCode extends SessionCodeSchema.class {}
SessionCodeSchema.setClass(SessionCode);

/** A new address of a person takes the old one's place once the links of both mails were opened, each by its owner. */
const AddressChangeSchema = defineEntity({
  name: 'AddressChange',
  policies: rowSecurity('address_change', null),
  indexes: [{ properties: ['accountId'] }],
  properties: {
    id: id(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    /** As it was typed; the key of the address is its lower-case form. */
    newAddress: p.text(),
    oldTokenDigest: p.string().unique().nullable(),
    newTokenDigest: p.string().unique().nullable(),
    oldConfirmedAt: instant().nullable(),
    newConfirmedAt: instant().nullable(),
    /** When the address was changed. */
    doneAt: instant().nullable(),
    expiresAt: instant(),
    createdAt: createdAt(),
  },
});
export class AddressChange extends AddressChangeSchema.class {}
AddressChangeSchema.setClass(AddressChange);

/** How much of a request rate was used, by principal or network: what the processes tell each other of it, now and then. */
const RequestCountSchema = defineEntity({
  name: 'RequestCount',
  policies: rowSecurity('request_count', null),
  properties: {
    /** A digest. */
    key: p.string().primary(),
    hits: p.integer(),
    windowEndsAt: instant(),
  },
});
export class RequestCount extends RequestCountSchema.class {}
RequestCountSchema.setClass(RequestCount);

/** How often something was tried in vain, per login name and per network, or mailed to one mailbox; shared by all processes. */
const FailedAttemptSchema = defineEntity({
  name: 'FailedAttempt',
  policies: rowSecurity('failed_attempt', null),
  properties: {
    /** A digest: nobody reads here who tried to sign in. */
    key: p.string().primary(),
    failures: p.integer(),
    windowEndsAt: instant(),
  },
});
export class FailedAttempt extends FailedAttemptSchema.class {}
FailedAttemptSchema.setClass(FailedAttempt);
