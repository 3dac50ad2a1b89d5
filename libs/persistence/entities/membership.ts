import { defineEntity, p } from '@mikro-orm/postgresql';
import type { AdministratorRole, ApiKeyScope, AppTray, WorkspaceRole } from '#access';
import { createdAt, id, instant } from '../columns.ts';
import { inContext, inReach, isManaged, ownAccount, rowSecurity, standingReads } from '../tenancy.ts';
import { Account } from './account.ts';
import { Organization } from './organization.ts';

export type MembershipScope = { kind: 'client' } | { kind: 'groups'; groupIds: string[]; teamIds: string[] };

const MembershipSchema = defineEntity({
  name: 'Membership',
  policies: [
    ...rowSecurity(
      'membership',
      `${inReach('organization_id')} or ${ownAccount('account_id')}`,
      isManaged('organization_id'),
    ),
    standingReads('membership'),
  ],
  indexes: [
    { properties: ['accountId'] },
    { properties: ['organizationId', 'id'] },
    {
      name: 'membership_until',
      expression: 'create index membership_until on membership (until) where until is not null and removed_at is null',
    },
  ],
  uniques: [
    {
      name: 'membership_one_per_person',
      expression:
        'create unique index membership_one_per_person on membership (organization_id, account_id) where removed_at is null',
    },
  ],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    kind: p.string().$type<'home' | 'external'>(),
    workspaceRole: p.string().$type<WorkspaceRole>().nullable(),
    administratorRoles: p.array().$type<AdministratorRole[]>().defaultRaw("'{}'"),
    decryptLogs: p.boolean().default(false),
    scope: p.json<MembershipScope>().defaultRaw(`'{"kind":"client"}'`),
    appTray: p.json<AppTray>().defaultRaw(`'{"botBuilder":[],"applications":[]}'`),
    /** External memberships may end at a date; null means until removed. */
    until: instant().nullable(),
    /** The latest notice of that end that was given, in days before it. */
    noticedDays: p.integer().nullable(),
    /** The relationship an external membership depends on. */
    relationshipId: p.uuid().nullable(),
    /** Sessions older than that open the organization no more: an administrator signed the member out. */
    sessionsEndedAt: instant().nullable(),
    /** The organization whose sign-in opens an external membership, too: the partner it was approved for. */
    signInOrganizationId: p.uuid().nullable(),
    removedAt: instant().nullable(),
    version: p.integer().version(),
    createdAt: createdAt(),
  },
});
export class Membership extends MembershipSchema.class {}
MembershipSchema.setClass(Membership);

/** Customers a partner administrator works for: assigned by hand, or provisioned by the person. */
const CustomerAssignmentSchema = defineEntity({
  name: 'CustomerAssignment',
  policies: [
    ...rowSecurity('customer_assignment', inReach('partner_id', 'customer_id'), inContext('partner_id', 'customer_id')),
    standingReads('customer_assignment'),
  ],
  uniques: [{ properties: ['membershipId', 'customerId', 'source'] }],
  properties: {
    id: id(),
    membershipId: () => p.manyToOne(Membership).mapToPk().name('membership_id'),
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id'),
    customerId: () => p.manyToOne(Organization).mapToPk().name('customer_id'),
    /** `service_setup` makes the derived provisioning administrator, the others the partner administrator's list. */
    source: p.string().$type<'assigned' | 'provisioned' | 'service_setup'>(),
    createdAt: createdAt(),
  },
});
export class CustomerAssignment extends CustomerAssignmentSchema.class {}
CustomerAssignmentSchema.setClass(CustomerAssignment);

const GroupSchema = defineEntity({
  name: 'Group',
  tableName: 'group',
  policies: rowSecurity('group', inReach('organization_id'), isManaged('organization_id')),
  uniques: [{ properties: ['organizationId', 'kind', 'name'] }],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    kind: p.string().$type<'group' | 'team'>(),
    name: p.text(),
    createdAt: createdAt(),
  },
});
export class Group extends GroupSchema.class {}
GroupSchema.setClass(Group);

/** A service principal of one organization, with roles of its own under those of the person it answers to. */
const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  policies: [...rowSecurity('api_key', inContext('organization_id')), standingReads('api_key')],
  indexes: [{ properties: ['organizationId'] }, { properties: ['responsibleId'] }],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    name: p.text(),
    tokenDigest: p.string().unique(),
    workspaceRole: p.string().$type<WorkspaceRole>().nullable(),
    administratorRoles: p.array().$type<AdministratorRole[]>().defaultRaw("'{}'"),
    scopes: p.array().$type<ApiKeyScope[]>().defaultRaw("'{}'"),
    /** CIDR; empty means any. */
    allowedNetworks: p.array().$type<string[]>().defaultRaw("'{}'"),
    createdByAccountId: p.uuid().nullable(),
    /** Whose rights bound the key's: its maker, or whoever took it over. */
    responsibleId: p.uuid(),
    expiresAt: instant(),
    lastUsedAt: instant().nullable(),
    /** The token before the last one, which goes on beside it for a while. */
    formerTokenDigest: p.string().unique().nullable(),
    formerTokenUntil: instant().nullable(),
    /** Who knows that token. */
    formerResponsibleId: p.uuid().nullable(),
    /** When a use from elsewhere last went on record. */
    refusedAt: instant().nullable(),
    revokedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);
