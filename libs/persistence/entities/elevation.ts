import { defineEntity, p } from '@mikro-orm/postgresql';
import type { ApprovalStatus, Area } from '#access';
import { createdAt, id, instant } from '../columns.ts';
import { inContext, rowSecurity } from '../tenancy.ts';
import { Account } from './account.ts';
import { Organization } from './organization.ts';

const ElevationSchema = defineEntity({
  name: 'Elevation',
  policies: rowSecurity('elevation', inContext('customer_id', 'partner_id')),
  indexes: [
    { properties: ['customerId', 'id'] },
    { properties: ['customerId', 'status', 'id'] },
    { properties: ['partnerId', 'id'] },
    { properties: ['partnerId', 'status', 'id'] },
    { properties: ['requesterId', 'id'] },
    { properties: ['decidedById'] },
  ],
  uniques: [
    {
      name: 'elevation_one_open',
      expression:
        "create unique index elevation_one_open on elevation (requester_id, customer_id) where status = 'pending'",
    },
  ],
  properties: {
    id: id(),
    customerId: () => p.manyToOne(Organization).mapToPk().name('customer_id'),
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id'),
    requesterId: () => p.manyToOne(Account).mapToPk().name('requester_id'),
    reason: p.text(),
    ticket: p.text().nullable(),
    /** What the requester asked for; the policy's maximum where they named nothing. */
    durationSeconds: p.integer(),
    /** What the requester wants opened; null is all that a grant opens. */
    areas: p.array().$type<Area[]>().nullable(),
    status: p.string().$type<ApprovalStatus>(),
    createdAt: createdAt(),
    decideBy: instant(),
    /** When the first approver opened the request. */
    seenAt: instant().nullable(),
    seenById: p.uuid().nullable(),
    decidedAt: instant().nullable(),
    decidedById: p.uuid().nullable(),
    decisionReason: p.text().nullable(),
    unexpected: p.boolean().default(false),
    version: p.integer().version(),
  },
});
export class Elevation extends ElevationSchema.class {}
ElevationSchema.setClass(Elevation);
