import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Area, GrantStatus, TemporaryAccessKind } from '#access';
import { id, instant } from '../columns.ts';
import { inContext, rowSecurity, standingReads } from '../tenancy.ts';
import { Account } from './account.ts';
import { Organization } from './organization.ts';

/** Every temporary access: an approved elevation or a help-desk session. */
const GrantSchema = defineEntity({
  name: 'Grant',
  tableName: 'grant',
  policies: [...rowSecurity('grant', inContext('organization_id', 'partner_id')), standingReads('grant')],
  indexes: [
    // A page is read from an index that ends in the id, however many rows its owner has.
    { properties: ['organizationId', 'id'] },
    { properties: ['organizationId', 'status', 'id'] },
    { properties: ['partnerId', 'id'] },
    { properties: ['partnerId', 'status', 'id'] },
    { properties: ['accountId', 'id'] },
    { properties: ['approvedById'] },
    { properties: ['endedById'] },
  ],
  uniques: [
    {
      name: 'grant_one_live',
      expression:
        'create unique index grant_one_live on "grant" (account_id, organization_id, kind) where status = \'active\'',
    },
  ],
  properties: {
    id: id(),
    kind: p.string().$type<TemporaryAccessKind>(),
    /** The elevation or help-desk session the grant belongs to. */
    sourceId: p.uuid().unique(),
    /** The customer that is accessed. */
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id'),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    approvedById: p.uuid().nullable(),
    /** What it opens for writing; null is all that a grant opens. */
    areas: p.array().$type<Area[]>().nullable(),
    startsAt: instant(),
    expiresAt: instant(),
    /** When the first privileged act was allowed because of it. */
    usedAt: instant().nullable(),
    /** How many evaluations it let through, to the second; those of a process that died in its last second are not in it. */
    evaluations: p.integer().default(0),
    status: p.string().$type<GrantStatus>(),
    endedAt: instant().nullable(),
    endedById: p.uuid().nullable(),
    endReason: p.text().nullable(),
    version: p.integer().version(),
  },
});
export class Grant extends GrantSchema.class {}
GrantSchema.setClass(Grant);
