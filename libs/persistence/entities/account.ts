import { defineEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id, instant } from '../columns.ts';
import { ownAccount, rowSecurity } from '../tenancy.ts';
import { Organization } from './organization.ts';

// A person is visible where one of their memberships is; the inner select is itself under row-level security.
const visibleAccount = (column: string) =>
  `${ownAccount(column)} or exists (select 1 from membership where membership.account_id = ${column})`;

const AccountSchema = defineEntity({
  name: 'Account',
  policies: rowSecurity('account', visibleAccount('account.id'), ownAccount('id')),
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

/** One namespace for primary addresses and aliases: the lower-case address is the key, so each is used once. */
const AddressSchema = defineEntity({
  name: 'Address',
  policies: rowSecurity('address', visibleAccount('address.account_id'), null),
  indexes: [{ properties: ['accountId'] }],
  properties: {
    address: p.text().primary(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    kind: p.string().$type<'primary' | 'alias'>(),
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
    createdAt: createdAt(),
  },
});
export class SsoIdentity extends SsoIdentitySchema.class {}
SsoIdentitySchema.setClass(SsoIdentity);

const SessionSchema = defineEntity({
  name: 'Session',
  policies: rowSecurity('session', null),
  indexes: [{ properties: ['accountId'] }],
  properties: {
    id: id(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    tokenDigest: p.string().unique(),
    /** The organization the person signed in at; null for a password login, which belongs to no single one. */
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id').nullable(),
    method: p.string().$type<'password' | 'sso'>(),
    userAgent: p.text().nullable(),
    lastSeenAt: instant(),
    expiresAt: instant(),
    revokedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

const PasswordResetSchema = defineEntity({
  name: 'PasswordReset',
  policies: rowSecurity('password_reset', null),
  indexes: [{ properties: ['accountId'] }],
  properties: {
    id: id(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    tokenDigest: p.string().unique(),
    expiresAt: instant(),
    usedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class PasswordReset extends PasswordResetSchema.class {}
PasswordResetSchema.setClass(PasswordReset);
