import { defineEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id, instant } from '../columns.ts';
import { inReach, isManaged, rowSecurity } from '../tenancy.ts';
import { Organization } from './organization.ts';

/** Many invites asked for at once; its rows are worked off in order. */
const InviteBatchSchema = defineEntity({
  name: 'InviteBatch',
  policies: rowSecurity('invite_batch', inReach('organization_id'), isManaged('organization_id')),
  indexes: [
    { properties: ['organizationId'] },
    {
      name: 'invite_batch_unfinished',
      expression: 'create index invite_batch_unfinished on invite_batch (created_at) where finished_at is null',
    },
  ],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    /** Whose right is judged for each row, when the row's turn comes. */
    inviterKind: p.string().$type<'account' | 'service' | 'support'>(),
    inviterId: p.uuid().nullable(),
    createdAt: createdAt(),
    finishedAt: instant().nullable(),
  },
});
export class InviteBatch extends InviteBatchSchema.class {}
InviteBatchSchema.setClass(InviteBatch);

export type InviteBatchRowStatus = 'waiting' | 'invited' | 'already_invited' | 'member' | 'failed';

const InviteBatchRowSchema = defineEntity({
  name: 'InviteBatchRow',
  policies: rowSecurity('invite_batch_row', inReach('organization_id'), isManaged('organization_id')),
  indexes: [
    {
      name: 'invite_batch_row_waiting',
      expression:
        "create index invite_batch_row_waiting on invite_batch_row (batch_id, row_number) where status = 'waiting'",
    },
  ],
  properties: {
    batchId: () => p.manyToOne(InviteBatch).mapToPk().name('batch_id').primary(),
    /** From 1, without a header. */
    rowNumber: p.integer().primary(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    /** Line of the file; null where there was none. */
    line: p.integer().nullable(),
    /** What was sent, as it was sent. */
    input: p.json<unknown>(),
    status: p.string().$type<InviteBatchRowStatus>(),
    code: p.string().nullable(),
    message: p.text().nullable(),
    inviteId: p.uuid().nullable(),
  },
});
export class InviteBatchRow extends InviteBatchRowSchema.class {}
InviteBatchRowSchema.setClass(InviteBatchRow);
