import { defineEntity, p } from '@mikro-orm/postgresql';
import type { ApprovalStatus } from '#access';
import { createdAt, id, instant } from '../columns.ts';
import { inContext, rowSecurity } from '../tenancy.ts';
import { Account } from './account.ts';
import { Organization } from './organization.ts';

/** `expired`: its date came; `revoked`: removed; `superseded`: a newer approval; `ended`: what it stood on went. */
export type ExternalAdministratorEnding = 'expired' | 'revoked' | 'superseded' | 'ended';

const ExternalAdministratorRequestSchema = defineEntity({
  name: 'ExternalAdministratorRequest',
  policies: rowSecurity('external_administrator_request', inContext('customer_id', 'partner_id')),
  indexes: [
    { properties: ['customerId', 'status'] },
    { properties: ['partnerId', 'status'] },
    { properties: ['requesterId'] },
    { properties: ['membershipId'] },
  ],
  uniques: [
    {
      name: 'external_administrator_request_one_open',
      expression:
        "create unique index external_administrator_request_one_open on external_administrator_request (requester_id, customer_key) where status = 'pending'",
    },
  ],
  properties: {
    id: id(),
    /** Null where the named domain belongs to nobody here: such a request looks alike and expires unanswered. */
    customerId: () => p.manyToOne(Organization).mapToPk().name('customer_id').nullable(),
    /** The customer's id or the named domain: what "the same customer" means before it is known to exist. */
    customerKey: p.text(),
    customerDomain: p.text().nullable(),
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id'),
    requesterId: () => p.manyToOne(Account).mapToPk().name('requester_id'),
    addressedTo: p.text().nullable(),
    reason: p.text(),
    status: p.string().$type<ApprovalStatus>(),
    decideBy: instant(),
    decidedAt: instant().nullable(),
    decidedById: p.uuid().nullable(),
    decisionReason: p.text().nullable(),
    unexpected: p.boolean().default(false),
    approvedRole: p.string().nullable(),
    until: instant().nullable(),
    membershipId: p.uuid().nullable(),
    /** How the approved access ended; null while it lasts. */
    endedAs: p.string().$type<ExternalAdministratorEnding>().nullable(),
    endedAt: instant().nullable(),
    endedById: p.uuid().nullable(),
    endReason: p.text().nullable(),
    version: p.integer().version(),
    createdAt: createdAt(),
  },
});
export class ExternalAdministratorRequest extends ExternalAdministratorRequestSchema.class {}
ExternalAdministratorRequestSchema.setClass(ExternalAdministratorRequest);
