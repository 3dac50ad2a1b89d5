import { defineEntity, p } from '@mikro-orm/postgresql';
import type { DirectoryRole } from '#access';
import { createdAt, id, instant } from '../columns.ts';
import { inContext, rowSecurity } from '../tenancy.ts';
import { Organization } from './organization.ts';

/** Lets the directory of one organization in, to provision its people and nothing else. */
const ScimTokenSchema = defineEntity({
  name: 'ScimToken',
  policies: rowSecurity('scim_token', inContext('organization_id')),
  indexes: [{ properties: ['organizationId', 'id'] }],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    name: p.text(),
    tokenDigest: p.string().unique(),
    /** What newcomers are invited with. */
    workspaceRole: p.string().$type<DirectoryRole>(),
    /** Whose right bounds the token's: its maker, or whoever rotated it last. */
    responsibleId: p.uuid(),
    expiresAt: instant(),
    lastUsedAt: instant().nullable(),
    /** The token before the last one, which goes on beside it for a while, and who knows it. */
    formerTokenDigest: p.string().unique().nullable(),
    formerTokenUntil: instant().nullable(),
    formerResponsibleId: p.uuid().nullable(),
    revokedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class ScimToken extends ScimTokenSchema.class {}
ScimTokenSchema.setClass(ScimToken);

export interface ScimName {
  formatted?: string | undefined;
  familyName?: string | undefined;
  givenName?: string | undefined;
}

export interface ScimEmail {
  value: string;
  type?: string | undefined;
  primary?: boolean | undefined;
}

/**
 * What a directory says of somebody; true in its own organization alone. It names a person by itself: whoever becomes a
 * member by the invite it led to, or the member whom the organization knows by the address.
 */
const ScimUserSchema = defineEntity({
  name: 'ScimUser',
  policies: rowSecurity('scim_user', inContext('organization_id')),
  indexes: [{ properties: ['organizationId', 'id'] }, { properties: ['accountId'] }, { properties: ['inviteId'] }],
  uniques: [
    { name: 'scim_user_one_name', properties: ['organizationId', 'userKey'] },
    { name: 'scim_user_one_address', properties: ['organizationId', 'address'] },
  ],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    userName: p.text(),
    /** The user name as it is compared: without regard to case. */
    userKey: p.text(),
    externalId: p.text().nullable(),
    displayName: p.text().nullable(),
    name: p.json<ScimName>().defaultRaw("'{}'"),
    emails: p.json<ScimEmail[]>().defaultRaw("'[]'"),
    /** Where an invite goes. */
    address: p.text(),
    active: p.boolean(),
    /** The member, once known. */
    accountId: p.uuid().nullable(),
    /** The last invite it led to. */
    inviteId: p.uuid().nullable(),
    /** Counted up by every change; the resource's ETag. */
    edition: p.integer().default(1),
    createdAt: createdAt(),
    changedAt: createdAt(),
  },
});
export class ScimUser extends ScimUserSchema.class {}
ScimUserSchema.setClass(ScimUser);
