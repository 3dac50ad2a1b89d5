import { z } from 'zod';
import { errorCatalogue, type ErrorCode } from './errors.ts';

const codes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]];

/** RFC 9457 problem document; `code` comes from a closed list, `next` says what the caller can do. */
export const problem = z
  .looseObject({
    type: z.string().meta({ example: 'https://countersign.dev/problems/elevation_not_pending' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(codes),
    detail: z.string().optional(),
    next: z.string(),
    instance: z.string().optional(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problem>;
