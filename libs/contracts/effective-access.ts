import { z } from 'zod';
import { restrictionKinds } from '#access';
import { instant, uuid } from './scalars.ts';

export const effectiveAccessQuery = z.object({ accountId: uuid.optional() });

export const effectiveAccess = z
  .object({
    organizationId: uuid,
    accountId: uuid.nullable(),
    settings: z.array(
      z.object({
        id: z.string(),
        level: z.enum(['none', 'read', 'write', 'use']),
        restriction: z.enum(restrictionKinds).optional(),
        reasons: z.array(
          z.object({
            kind: z.enum(['role', 'grant', 'session', 'restriction', 'feature']),
            id: z.string(),
            until: instant.optional(),
          }),
        ),
      }),
    ),
    banner: z.object({ code: z.string(), text: z.string() }).nullable(),
    /** Whether the button to manage users is offered or greyed out. */
    manageUsers: z.object({ enabled: z.boolean() }),
  })
  .meta({ id: 'EffectiveAccess' });

export type EffectiveAccessView = z.infer<typeof effectiveAccess>;
