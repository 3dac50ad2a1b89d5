import { z } from 'zod';
import { administratorRoles, apiKeyScopes, apiKeyTerms, workspaceRoles } from '#access';
import { administratorRoleList } from './membership.ts';
import { inputInstant, instant, page, pageQuery, singleLine, uuid } from './scalars.ts';

const network = z.union([z.cidrv4(), z.cidrv6()]).meta({ example: '192.0.2.0/24' });
const scope = z.enum(apiKeyScopes);

export const createApiKey = z
  .strictObject({
    name: singleLine(100),
    workspaceRole: z.enum(workspaceRoles).optional(),
    administratorRoles: administratorRoleList.optional(),
    scopes: z.array(scope).min(1).max(apiKeyScopes.length).optional(),
    expiresAt: inputInstant.optional(),
    allowedNetworks: z.array(network).max(50).optional(),
  })
  .meta({
    id: 'CreateApiKey',
    example: {
      name: 'Provisioning',
      workspaceRole: 'full_access',
      scopes: ['members:read', 'invites:write'],
      allowedNetworks: ['192.0.2.0/24'],
    },
  });

/** A new token for the same key; without an end it lasts from now as long as a new one does. */
export const renewApiKey = z
  .strictObject({
    overlapSeconds: z.int().min(0).max(apiKeyTerms.overlapAtMost).optional(),
    expiresAt: inputInstant.optional(),
  })
  .meta({ id: 'RenewApiKey', example: { overlapSeconds: 3600 } });

const person = z.object({ id: uuid, displayName: z.string() });

export const apiKey = z
  .object({
    id: uuid,
    organizationId: uuid,
    name: z.string(),
    workspaceRole: z.enum(workspaceRoles).nullable(),
    administratorRoles: z.array(z.enum(administratorRoles)),
    scopes: z.array(scope),
    /** Empty: any. */
    allowedNetworks: z.array(z.string()),
    createdBy: person.nullable(),
    /** Whose rights bound the key's, at every moment. */
    responsible: person,
    createdAt: instant,
    expiresAt: instant,
    lastUsedAt: instant.nullable(),
    formerTokenUntil: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey' });

/** The token is told this once; what is kept of it is a digest. */
export const createdApiKey = apiKey.extend({ token: z.string() }).meta({ id: 'CreatedApiKey' });
export const apiKeyQuery = pageQuery;
export const apiKeyPage = page(apiKey).meta({ id: 'ApiKeyPage' });

export type CreateApiKey = z.infer<typeof createApiKey>;
export type RenewApiKey = z.infer<typeof renewApiKey>;
export type ApiKeyView = z.infer<typeof apiKey>;
