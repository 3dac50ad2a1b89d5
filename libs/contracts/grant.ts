import { z } from 'zod';
import { grantStatuses } from '#access';
import { grantState } from './elevation.ts';
import { page, pageQuery, person, uuid } from './scalars.ts';

export const grant = grantState
  .extend({
    kind: z.enum(['elevation', 'help-desk-session', 'external-administrator']),
    sourceId: uuid,
    organizationId: uuid,
    partnerId: uuid,
    account: person,
    approvedBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
  })
  .meta({ id: 'Grant' });

export const grantQuery = pageQuery.extend({
  organizationId: uuid.optional(),
  accountId: uuid.optional(),
  status: z.enum(grantStatuses).optional(),
});
export const grantPage = page(grant).meta({ id: 'GrantPage' });

export type GrantView = z.infer<typeof grant>;
export type GrantQuery = z.infer<typeof grantQuery>;
