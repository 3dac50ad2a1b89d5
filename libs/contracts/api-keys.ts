import { z } from 'zod';
import { administratorRoles, workspaceRoles } from '#access';
import { administratorRoleList } from './members.ts';
import { instant, page, pageQuery, singleLine, uuid } from './scalars.ts';

export const createApiKey = z
  .object({
    name: singleLine(100),
    workspaceRole: z.enum(workspaceRoles).optional(),
    administratorRoles: administratorRoleList.optional(),
  })
  .meta({ id: 'CreateApiKey', example: { name: 'Provisioning', workspaceRole: 'full_access' } });

export const apiKey = z
  .object({
    id: uuid,
    organizationId: uuid,
    name: z.string(),
    workspaceRole: z.enum(workspaceRoles).nullable(),
    administratorRoles: z.array(z.enum(administratorRoles)),
    createdBy: z.object({ id: uuid, displayName: z.string() }).nullable(),
    createdAt: instant,
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ApiKey' });

/** The token is told this once; what is kept of it is a digest. */
export const createdApiKey = apiKey.extend({ token: z.string() }).meta({ id: 'CreatedApiKey' });
export const apiKeyQuery = pageQuery;
export const apiKeyPage = page(apiKey).meta({ id: 'ApiKeyPage' });

export type CreateApiKey = z.infer<typeof createApiKey>;
export type ApiKeyView = z.infer<typeof apiKey>;
