import { z } from 'zod';
import { instant } from './scalars.ts';

/** AuthZEN 1.0. Ids stay plain strings: an unknown subject, action or setting is a denial, not an error. */
export const evaluationRequest = z
  .object({
    subject: z.looseObject({ type: z.string(), id: z.string().max(200) }),
    action: z.looseObject({ name: z.string().max(100) }),
    resource: z.looseObject({
      type: z.string(),
      id: z.string().max(200),
      properties: z.looseObject({ organizationId: z.string().max(200) }).optional(),
    }),
    context: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({
    id: 'EvaluationRequest',
    example: {
      subject: { type: 'account', id: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e' },
      action: { name: 'write' },
      resource: {
        type: 'setting',
        id: 'devices',
        properties: { organizationId: '019aa1f0-7c3e-7cc1-9d0a-000000000001' },
      },
    },
  });

export const evaluationReason = z.object({
  kind: z.enum(['role', 'grant', 'session', 'restriction', 'feature', 'denial']),
  id: z.string(),
  until: instant.optional(),
});

export const evaluationResponse = z
  .object({
    decision: z.boolean(),
    context: z.object({ reasons: z.array(evaluationReason), expiresAt: instant.optional() }),
  })
  .meta({ id: 'EvaluationResponse' });

export type EvaluationRequest = z.infer<typeof evaluationRequest>;
export type EvaluationResponse = z.infer<typeof evaluationResponse>;
