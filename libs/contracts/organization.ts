import { z } from 'zod';
import { organizationPolicy } from './durations.ts';
import {
  displayName,
  email,
  hostname,
  inputInstant,
  instant,
  page,
  pageQuery,
  singleLine,
  slug,
  plainText,
  uuid,
} from './scalars.ts';

export const loginMethods = z
  .array(z.enum(['sso', 'password']))
  .min(1)
  .max(2)
  .transform((methods) => [...new Set(methods)])
  .meta({ example: ['password'] });

export const singleSignOn = z.strictObject({
  issuer: z.url(),
  clientId: singleLine(200),
  clientSecret: plainText(500).min(1),
  activationUrl: z.url().optional(),
  /** `trusted` needs a proven domain: addresses there count as verified unless the provider says that they are not. */
  emailVerified: z.enum(['required', 'trusted']).optional(),
});

export const testProvider = z
  .strictObject({ sso: singleSignOn.optional() })
  .optional()
  .meta({ id: 'TestProvider', description: 'Settings to try before they are set; without them the present ones.' });
export const providerTest = z.object({ url: z.url(), expiresAt: instant }).meta({ id: 'ProviderTest' });

const organizationFields = z.strictObject({
  name: displayName,
  slug,
  loginMethods,
  sso: singleSignOn.optional(),
  domains: z.array(hostname).max(50).optional(),
  firstAdministrator: z.strictObject({ email, displayName }),
});

export const createOrganization = organizationFields.extend({ kind: z.enum(['partner', 'customer']) }).meta({
  id: 'CreateOrganization',
  example: {
    kind: 'customer',
    name: 'Acme GmbH',
    slug: 'acme',
    loginMethods: ['password'],
    firstAdministrator: { email: 'ada@acme.example', displayName: 'Ada Lovelace' },
  },
});

/** `kind` may be sent and must then be `customer`. */
export const createCustomer = organizationFields.extend({ kind: z.literal('customer').optional() }).meta({
  id: 'CreateCustomer',
  example: {
    name: 'Acme GmbH',
    slug: 'acme',
    loginMethods: ['password'],
    firstAdministrator: { email: 'ada@acme.example', displayName: 'Ada Lovelace' },
  },
});

export const updateOrganization = z
  .object({
    name: displayName.optional(),
    loginMethods: loginMethods.optional(),
    sso: singleSignOn.nullable().optional(),
    domains: z.array(hostname).max(50).optional(),
    /** Whether approved external administrators may come in by the sign-in of their own organization. */
    foreignSignIn: z.boolean().optional(),
    features: z.record(z.string(), z.boolean()).optional(),
    /** Facts of the subscription, told by the support team; they decide whether somebody may be attached at once. */
    subscription: z
      .object({ userCount: z.int().min(0).optional(), hasActiveLicence: z.boolean().optional() })
      .strict()
      .optional(),
    policy: organizationPolicy.partial().strict().optional(),
  })
  .strict()
  .meta({ id: 'UpdateOrganization', example: { policy: { elevationPendingSeconds: 1800 } } });

export const organization = z
  .object({
    id: uuid,
    kind: z.enum(['platform', 'partner', 'customer', 'consumer']),
    name: z.string(),
    slug: z.string(),
    loginMethods: z.array(z.enum(['sso', 'password'])),
    ssoEnabledAt: instant.nullable(),
    sso: z
      .object({
        issuer: z.string(),
        clientId: z.string(),
        activationUrl: z.string().nullable(),
        emailVerified: z.enum(['required', 'trusted']),
        /** To be registered with the provider, after the address of this service. */
        redirectPath: z.string(),
      })
      .nullable(),
    domains: z.array(z.string()),
    provenDomains: z.array(z.string()),
    foreignSignIn: z.boolean(),
    features: z.record(z.string(), z.boolean()),
    restrictedMode: z.boolean(),
    policy: organizationPolicy,
    createdAt: instant,
  })
  .meta({ id: 'Organization' });

/** What the creator needs next: the invite of the first administrator, and the relationship where one was made. */
export const createdOrganization = organization
  .extend({ firstInvite: z.object({ id: uuid }), relationshipId: uuid.nullable() })
  .meta({ id: 'CreatedOrganization' });

export const organizationQuery = pageQuery.extend({ query: plainText(200).optional() });
export const organizationPage = page(organization).meta({ id: 'OrganizationPage' });

export const relationship = z
  .object({
    id: uuid,
    partnerId: uuid,
    customerId: uuid,
    partnerName: z.string(),
    customerName: z.string(),
    origin: z.enum(['provisioned', 'external_administrator']),
    activeFrom: instant,
    activeUntil: instant.nullable(),
    status: z.enum(['active', 'expiring', 'ended']),
  })
  .meta({ id: 'Relationship' });

export const renewRelationship = z
  .strictObject({ until: inputInstant })
  .meta({ id: 'RenewRelationship', example: { until: '2027-11-22T23:59:59.000Z' } });
export type RenewRelationship = z.infer<typeof renewRelationship>;
export const relationshipPage = page(relationship).meta({ id: 'RelationshipPage' });
export type CreateOrganization = z.infer<typeof createOrganization>;
export type CreateCustomer = z.infer<typeof createCustomer>;
export type UpdateOrganization = z.infer<typeof updateOrganization>;
export type OrganizationView = z.infer<typeof organization>;
export type CreatedOrganizationView = z.infer<typeof createdOrganization>;
export type RelationshipView = z.infer<typeof relationship>;
