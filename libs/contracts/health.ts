import { z } from 'zod';

export const liveness = z.object({ status: z.literal('ok') });

export const readiness = z.object({
  status: z.literal('ok'),
  database: z.literal('up'),
  schema: z.enum(['current', 'newer']),
  temporal: z.enum(['up', 'down']),
});
