import { z } from 'zod';
import { restrictionKinds } from '#access';

/** Every cell of every table, and what restricted administrator mode takes away. */
export const roleMatrix = z
  .object({
    items: z.array(
      z.object({
        table: z.string(),
        role: z.string(),
        setting: z.string(),
        level: z.string(),
        origin: z.enum(['stated', 'documented', 'inferred']),
      }),
    ),
    restrictions: z.record(z.string(), z.enum([...restrictionKinds, 'only_while_off'])),
  })
  .meta({ id: 'RoleMatrix' });
