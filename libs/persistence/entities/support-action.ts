import { defineEntity, p } from '@mikro-orm/postgresql';
import type { SupportActionStatus } from '#access';
import type { SupportAct } from '#contracts';
import { createdAt, id, instant } from '../columns.ts';
import { rowSecurity } from '../tenancy.ts';
import { Account } from './account.ts';
import { Organization } from './organization.ts';

/** What one person of the support team proposes and another does. The customer reads of it in its trail. */
const SupportActionSchema = defineEntity({
  name: 'SupportAction',
  policies: rowSecurity('support_action', null),
  indexes: [{ properties: ['status'] }],
  properties: {
    id: id(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    act: p.json<SupportAct>(),
    reason: p.text(),
    status: p.string().$type<SupportActionStatus>(),
    proposedById: () => p.manyToOne(Account).mapToPk().name('proposed_by_id'),
    decideBy: instant(),
    decidedById: () => p.manyToOne(Account).mapToPk().name('decided_by_id').nullable(),
    decidedAt: instant().nullable(),
    createdAt: createdAt(),
  },
});
export class SupportAction extends SupportActionSchema.class {}
SupportActionSchema.setClass(SupportAction);
