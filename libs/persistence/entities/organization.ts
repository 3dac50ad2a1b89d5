import { defineEntity, p } from '@mikro-orm/postgresql';
import type { ApprovalAssurance, OrganizationKind, RelationshipOrigin } from '#access';
import { createdAt, id, instant } from '../columns.ts';
import { alsoReadable, inContext, inReach, isManaged, namedBy, rowSecurity, standingReads } from '../tenancy.ts';

/** Seconds; a missing entry means the default of `durationPolicies` in the contracts. */
export type OrganizationPolicy = Partial<Record<string, number>>;

export interface SingleSignOn {
  issuer: string;
  clientId: string;
  /** Sealed with the payload key; never answered. */
  sealedClientSecret: string;
  activationUrl: string | null;
  /** `trusted`: at proven domains, an address counts as verified unless the provider says that it is not. */
  emailVerified?: 'required' | 'trusted';
}

const OrganizationSchema = defineEntity({
  name: 'Organization',
  // What was asked and granted keeps the names of both sides after their relationship has ended.
  policies: [
    ...rowSecurity('organization', inReach('id'), isManaged('id')),
    standingReads('organization'),
    alsoReadable(
      'organization',
      `${namedBy('elevation', 'organization.id', 'customer_id', 'partner_id')} or ${namedBy('"grant"', 'organization.id', 'organization_id', 'partner_id')}`,
    ),
  ],
  properties: {
    id: id(),
    kind: p.string().$type<OrganizationKind>(),
    name: p.text(),
    slug: p.string().unique(),
    loginMethods: p.array().$type<('sso' | 'password')[]>(),
    ssoEnabledAt: instant().nullable(),
    sso: p.json<SingleSignOn>().nullable(),
    /** Lower-case e-mail domains, as claimed; proven or not, they forbid attaching without approval. */
    domains: p.array().$type<string[]>().defaultRaw("'{}'"),
    /** Of those, the ones whose DNS record was found: only they lead anybody here. */
    provenDomains: p.array().$type<string[]>().defaultRaw("'{}'"),
    /** Whether approved external administrators may come in by the sign-in of their own organization. */
    foreignSignIn: p.boolean().default(true),
    restrictedMode: p.boolean().default(true),
    disabledFeatures: p.array().$type<string[]>().defaultRaw("'{}'"),
    policy: p.json<OrganizationPolicy>().defaultRaw("'{}'"),
    /** What a person proves before they decide for the organization. */
    approvalAssurance: p.string().$type<ApprovalAssurance>().default('session'),
    /** Facts of the subscription that decide whether somebody may be attached without approval. */
    userCount: p.integer().default(0),
    hasActiveLicence: p.boolean().default(false),
    version: p.integer().version(),
    createdAt: createdAt(),
  },
});
export class Organization extends OrganizationSchema.class {}
OrganizationSchema.setClass(Organization);

/** For the day nobody can come in: kept by the Owners, each lets people in by password again, once. */
const OrganizationRecoveryCodeSchema = defineEntity({
  name: 'OrganizationRecoveryCode',
  policies: rowSecurity('organization_recovery_code', null),
  uniques: [{ properties: ['organizationId', 'codeDigest'] }],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    codeDigest: p.string(),
    usedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class OrganizationRecoveryCode extends OrganizationRecoveryCodeSchema.class {}
OrganizationRecoveryCodeSchema.setClass(OrganizationRecoveryCode);

const RelationshipSchema = defineEntity({
  name: 'Relationship',
  policies: [
    ...rowSecurity('relationship', inReach('partner_id', 'customer_id'), inContext('partner_id', 'customer_id')),
    standingReads('relationship'),
  ],
  indexes: [
    { properties: ['customerId'] },
    { properties: ['partnerId', 'customerId'] },
    {
      name: 'relationship_term',
      expression:
        'create index relationship_term on relationship (term_ends_at) where term_ends_at is not null and active_until is null',
    },
  ],
  uniques: [
    {
      name: 'relationship_one_active',
      expression:
        'create unique index relationship_one_active on relationship (partner_id, customer_id, origin) where active_until is null',
    },
  ],
  properties: {
    id: id(),
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id'),
    customerId: () => p.manyToOne(Organization).mapToPk().name('customer_id'),
    origin: p.string().$type<RelationshipOrigin>(),
    activeFrom: instant(),
    /** When somebody, or time, ended it. */
    activeUntil: instant().nullable(),
    /** When it ends by the clock unless it is renewed; null for no term. */
    termEndsAt: instant().nullable(),
    /** The latest notice of that end that was given, in days before it. */
    noticedDays: p.integer().nullable(),
    version: p.integer().version(),
  },
});
export class Relationship extends RelationshipSchema.class {}
RelationshipSchema.setClass(Relationship);
