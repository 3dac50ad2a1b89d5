import { z } from 'zod';
import { apiKeyTerms, directoryRoles } from '#access';
import { inputInstant, instant, page, pageQuery, singleLine, uuid } from './scalars.ts';

const workspaceRole = z.enum(directoryRoles);

export const createScimToken = z
  .strictObject({
    name: singleLine(100),
    /** What the people of the directory are invited with. */
    workspaceRole: workspaceRole.default('restricted'),
    expiresAt: inputInstant.optional(),
  })
  .meta({ id: 'CreateScimToken', example: { name: 'Entra ID', workspaceRole: 'read_only' } });

export const rotateScimToken = z
  .strictObject({
    overlapSeconds: z.int().min(0).max(apiKeyTerms.overlapAtMost).optional(),
    expiresAt: inputInstant.optional(),
  })
  .meta({ id: 'RotateScimToken', example: { overlapSeconds: 3600 } });

export const scimToken = z
  .object({
    id: uuid,
    organizationId: uuid,
    name: z.string(),
    workspaceRole,
    /** `suspended`: the person it answers to may no longer do what it does, until somebody who may rotates it. */
    status: z.enum(['active', 'suspended', 'expired', 'revoked']),
    responsible: z.object({ id: uuid, displayName: z.string() }),
    createdAt: instant,
    expiresAt: instant,
    lastUsedAt: instant.nullable(),
    formerTokenUntil: instant.nullable(),
    revokedAt: instant.nullable(),
  })
  .meta({ id: 'ScimToken' });

/** The token is told this once; what is kept of it is a digest. */
export const createdScimToken = scimToken
  .extend({ token: z.string(), baseUrl: z.string() })
  .meta({ id: 'CreatedScimToken' });
export const scimTokenQuery = pageQuery;
export const scimTokenPage = page(scimToken).meta({ id: 'ScimTokenPage' });

export type CreateScimToken = z.infer<typeof createScimToken>;
export type RotateScimToken = z.infer<typeof rotateScimToken>;
export type ScimTokenView = z.infer<typeof scimToken>;
