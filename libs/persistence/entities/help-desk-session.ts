import { defineEntity, p } from '@mikro-orm/postgresql';
import { createdAt, id } from '../columns.ts';
import { inContext, rowSecurity } from '../tenancy.ts';
import { Account } from './account.ts';
import { Organization } from './organization.ts';

/** Why somebody opened a customer for reading; its time and end are those of the grant it owns. */
const HelpDeskSessionSchema = defineEntity({
  name: 'HelpDeskSession',
  policies: rowSecurity('help_desk_session', inContext('customer_id', 'partner_id')),
  indexes: [
    { properties: ['customerId', 'id'] },
    { properties: ['partnerId', 'id'] },
    { properties: ['accountId', 'id'] },
  ],
  properties: {
    id: id(),
    customerId: () => p.manyToOne(Organization).mapToPk().name('customer_id'),
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id'),
    accountId: () => p.manyToOne(Account).mapToPk().name('account_id'),
    reason: p.text(),
    createdAt: createdAt(),
    version: p.integer().version(),
  },
});
export class HelpDeskSession extends HelpDeskSessionSchema.class {}
HelpDeskSessionSchema.setClass(HelpDeskSession);
