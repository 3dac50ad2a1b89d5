import { z } from 'zod';
import { foreignId, instant, plainText } from './scalars.ts';

/** All of an organization, or a group or team of it. */
const place = z.looseObject({
  organizationId: foreignId(200),
  groupId: foreignId(200).optional(),
  teamId: foreignId(200).optional(),
});

/** AuthZEN 1.0. Ids stay plain strings: an unknown subject, action or setting is a denial, not an error. */
export const evaluationRequest = z
  .object({
    subject: z.looseObject({ type: plainText(100), id: foreignId(200) }),
    action: z.looseObject({ name: plainText(100) }),
    resource: z.looseObject({
      type: plainText(100),
      id: plainText(200),
      properties: place.optional(),
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

const mostEvaluations = 200;

const singleQuestion = { $ref: '#/components/schemas/EvaluationRequest' };

/**
 * A batch. What stands at the top is the default of every item, key by key; an item that is not complete even so is
 * denied by itself. Without items it is a single evaluation.
 */
export const evaluationsRequest = z
  .looseObject({
    subject: z.unknown().optional(),
    action: z.unknown().optional(),
    resource: z.unknown().optional(),
    context: z.unknown().optional(),
    evaluations: z.array(z.record(z.string(), z.unknown())).max(mostEvaluations).optional(),
    options: z
      .looseObject({
        evaluations_semantic: z
          .enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])
          .default('execute_all'),
      })
      .optional(),
  })
  .meta({
    id: 'EvaluationsRequest',
    anyOf: [{ required: ['evaluations'], properties: { evaluations: { minItems: 1 } } }, singleQuestion],
    example: {
      subject: { type: 'account', id: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e' },
      resource: {
        type: 'setting',
        id: 'devices',
        properties: { organizationId: '019aa1f0-7c3e-7cc1-9d0a-000000000001' },
      },
      evaluations: [{ action: { name: 'read' } }, { action: { name: 'write' } }],
      options: { evaluations_semantic: 'execute_all' },
    },
  });

/** `evaluations` in the order they were asked; a single answer where the request had no items. */
export const evaluationsResponse = z
  .object({
    evaluations: z.array(evaluationResponse).optional(),
    decision: z.boolean().optional(),
    context: evaluationResponse.shape.context.optional(),
  })
  .meta({ id: 'EvaluationsResponse' });

/** AuthZEN pages: an empty `next_token` is the end. */
const searchPage = z
  .looseObject({
    token: plainText(500).optional(),
    limit: z.int().min(1).max(500).default(100),
  })
  .optional();

const entityType = z.looseObject({ type: plainText(100) });
const entity = z.looseObject({ type: plainText(100), id: foreignId(200) });
const actionName = z.looseObject({ name: plainText(100) });
const setting = evaluationRequest.shape.resource;

export const subjectSearch = z
  .looseObject({ subject: entityType, action: actionName, resource: setting, page: searchPage })
  .meta({
    id: 'SubjectSearch',
    example: {
      subject: { type: 'account' },
      action: { name: 'write' },
      resource: {
        type: 'setting',
        id: 'devices',
        properties: { organizationId: '019aa1f0-7c3e-7cc1-9d0a-000000000001' },
      },
    },
  });

/** Without an organization in the properties: everywhere the subject reaches. */
export const resourceSearch = z
  .looseObject({
    subject: entity,
    action: actionName,
    resource: z.looseObject({
      type: plainText(100),
      properties: place.partial().optional(),
    }),
    page: searchPage,
  })
  .meta({
    id: 'ResourceSearch',
    example: {
      subject: { type: 'account', id: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e' },
      action: { name: 'write' },
      resource: { type: 'setting' },
    },
  });

export const actionSearch = z.looseObject({ subject: entity, resource: setting, page: searchPage }).meta({
  id: 'ActionSearch',
  example: {
    subject: { type: 'account', id: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e' },
    resource: {
      type: 'setting',
      id: 'devices',
      properties: { organizationId: '019aa1f0-7c3e-7cc1-9d0a-000000000001' },
    },
  },
});

const results = <T extends z.ZodType>(result: T) =>
  z.object({ results: z.array(result), page: z.object({ next_token: z.string(), count: z.int() }) });

export const subjectResults = results(z.object({ type: z.string(), id: z.string() })).meta({ id: 'SubjectResults' });
export const resourceResults = results(
  z.object({ type: z.string(), id: z.string(), properties: z.object({ organizationId: z.string() }) }),
).meta({ id: 'ResourceResults' });
export const actionResults = results(z.object({ name: z.string() })).meta({ id: 'ActionResults' });

/** Names of the AuthZEN metadata. */
export const authzenConfiguration = z
  .object({
    policy_decision_point: z.url(),
    access_evaluation_endpoint: z.url(),
    access_evaluations_endpoint: z.url(),
    search_subject_endpoint: z.url(),
    search_resource_endpoint: z.url(),
    search_action_endpoint: z.url(),
  })
  .meta({ id: 'AuthzenConfiguration' });

export type EvaluationsRequest = z.infer<typeof evaluationsRequest>;
export type EvaluationsResponse = z.infer<typeof evaluationsResponse>;
export type SubjectSearch = z.infer<typeof subjectSearch>;
export type ResourceSearch = z.infer<typeof resourceSearch>;
export type ActionSearch = z.infer<typeof actionSearch>;
export type SubjectResults = z.infer<typeof subjectResults>;
export type ResourceResults = z.infer<typeof resourceResults>;
export type ActionResults = z.infer<typeof actionResults>;
export type EvaluationRequest = z.infer<typeof evaluationRequest>;
export type EvaluationResponse = z.infer<typeof evaluationResponse>;
