import { z } from 'zod';
import { instant, page, pageQuery, plainText, uuid } from './scalars.ts';

/** A customer as its partner's list shows it. */
export const customer = z
  .object({
    id: uuid,
    kind: z.literal('customer'),
    name: z.string(),
    slug: z.string(),
    domains: z.array(z.string()),
    restrictedMode: z.boolean(),
    relationshipId: uuid,
    /** Since when the partner manages the customer. */
    since: instant,
    /** Whether it is on the caller's own list, by assignment or because they provisioned it or set up its services. */
    assigned: z.boolean(),
  })
  .meta({ id: 'Customer' });

export const customerQuery = pageQuery.extend({
  /** Part of the name, the slug or a domain; for help desk also of a person's name or address there. */
  query: plainText(200).optional(),
});
export const customerPage = page(customer).meta({ id: 'CustomerPage' });

export const setUpServices = z
  .strictObject({ partnerId: uuid.optional() })
  .meta({ id: 'SetUpServices', example: { partnerId: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e' } });

/** Who set up services for the customer, and the role that derives from it. */
export const serviceSetup = z
  .object({
    id: uuid,
    customerId: uuid,
    partnerId: uuid,
    accountId: uuid,
    derivedRole: z.literal('provisioning_administrator'),
    createdAt: instant,
  })
  .meta({ id: 'ServiceSetup' });

// Zod's, told in the document.
const spellings = ['true', '1', 'yes', 'on', 'y', 'enabled', 'false', '0', 'no', 'off', 'n', 'disabled'];

export const relationshipQuery = pageQuery.extend({
  /** Ended ones are left out unless asked for. */
  includeEnded: z.stringbool({ case: 'sensitive' }).meta({ enum: spellings }).default(false),
});

export type CustomerView = z.infer<typeof customer>;
export type CustomerQuery = z.infer<typeof customerQuery>;
export type RelationshipQuery = z.infer<typeof relationshipQuery>;
export type ServiceSetupView = z.infer<typeof serviceSetup>;
