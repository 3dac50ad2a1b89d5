import { defineEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id, instant } from '../columns.ts';
import { overlapsReach, ownPrincipal, rowSecurity } from '../tenancy.ts';
import { Account } from './account.ts';

/** A workflow that must be told that its row changed; the relay delivers what the fast path did not. */
const WorkflowNudgeSchema = defineEntity({
  name: 'WorkflowNudge',
  policies: rowSecurity('workflow_nudge', null),
  indexes: [
    {
      name: 'workflow_nudge_undelivered',
      expression:
        'create index workflow_nudge_undelivered on workflow_nudge (requested_at) where delivered_revision < requested_revision',
    },
    { properties: ['requestedAt'] },
  ],
  properties: {
    workflowId: p.string().primary(),
    workflowType: p.string(),
    rowId: p.uuid(),
    requestedRevision: p.integer().default(1),
    deliveredRevision: p.integer().default(0),
    requestedAt: instant(),
    /** Until then one worker is about to deliver it, and no other takes it. */
    leasedUntil: instant().nullable(),
  },
});
export class WorkflowNudge extends WorkflowNudgeSchema.class {}
WorkflowNudgeSchema.setClass(WorkflowNudge);

/** One mail to one person about one thing: planned once, sent once, visible when it can't be delivered. */
const MailDeliverySchema = defineEntity({
  name: 'MailDelivery',
  policies: rowSecurity('mail_delivery', overlapsReach('organization_ids'), null),
  indexes: [
    { properties: ['rowId'] },
    {
      name: 'mail_delivery_not_sent',
      expression:
        "create index mail_delivery_not_sent on mail_delivery (status) where status in ('planned', 'undeliverable')",
    },
  ],
  uniques: [{ properties: ['kind', 'rowId', 'recipientKey', 'edition'] }],
  properties: {
    id: id(),
    kind: p.string(),
    /** The row the mail is about: an elevation, an invite, … */
    rowId: p.uuid(),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id').nullable(),
    /** Where there is no account yet. */
    address: p.text().nullable(),
    recipientKey: p.string(),
    /** Who sees whether it arrived. */
    organizationIds: p.array().columnType('uuid[]').$type<string[]>(),
    /** A resend is a new edition of the same mail. */
    edition: p.integer().default(1),
    status: p.string().$type<'planned' | 'sent' | 'undeliverable' | 'obsolete'>(),
    failure: p.string().nullable(),
    sentAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class MailDelivery extends MailDeliverySchema.class {}
MailDeliverySchema.setClass(MailDelivery);

/** The answer to a request that carried an Idempotency-Key, kept for a day. */
const IdempotencyRecordSchema = defineEntity({
  name: 'IdempotencyRecord',
  policies: rowSecurity('idempotency_record', ownPrincipal('principal')),
  properties: {
    principal: p.string().primary(),
    route: p.string().primary(),
    key: p.string().primary(),
    bodyDigest: p.string(),
    response: p.json<unknown>().nullable(),
    createdAt: createdAt(),
  },
});
export class IdempotencyRecord extends IdempotencyRecordSchema.class {}
IdempotencyRecordSchema.setClass(IdempotencyRecord);
