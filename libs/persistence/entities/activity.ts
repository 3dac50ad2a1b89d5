import { defineEntity, p } from '@mikro-orm/postgresql';
import type { ReportActivity } from '#contracts';
import { createdAt, id, instant } from '../columns.ts';
import { inContext, rowSecurity } from '../tenancy.ts';
import { Organization } from './organization.ts';

/** One act done with a temporary access. Written once: nobody changes what was told. */
const ActivitySchema = defineEntity({
  name: 'Activity',
  policies: rowSecurity('activity', inContext('organization_id', 'partner_id')),
  indexes: [{ properties: ['grantId', 'id'] }],
  uniques: [{ properties: ['grantId', 'reporterOrganizationId', 'externalId'] }],
  properties: {
    id: id(),
    /** A grant, or the external membership that is shown as one. */
    grantId: p.uuid(),
    organizationId: () => p.manyToOne(Organization).mapToPk().name('organization_id'),
    partnerId: () => p.manyToOne(Organization).mapToPk().name('partner_id'),
    reporterKeyId: p.uuid(),
    /** Each side counts its own ids: neither can take one from the other. */
    reporterOrganizationId: p.uuid(),
    action: p.text(),
    resource: p.json<ReportActivity['resource']>(),
    outcome: p.string().$type<ReportActivity['outcome']>(),
    externalId: p.text(),
    at: instant(),
    createdAt: createdAt(),
  },
});
export class Activity extends ActivitySchema.class {}
ActivitySchema.setClass(Activity);
