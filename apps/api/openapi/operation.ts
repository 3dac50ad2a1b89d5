import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiSecurity } from '@nestjs/swagger';
import type { z } from 'zod';
import { errorCatalogue, problem, type ErrorCode } from '#contracts';

export interface OperationDescription {
  summary: string;
  description?: string;
  /** Schema of the answer; without one there is no body. */
  answer?: z.ZodType;
  /** Status of success; default 200. */
  status?: 200 | 201 | 202 | 204;
  /** Codes it can refuse with, beside those every route has. */
  problems?: readonly ErrorCode[];
  /** Answers without authentication. */
  isPublic?: boolean;
}

const always: readonly ErrorCode[] = ['invalid_request', 'too_many_requests', 'unavailable'];

/** Everything the OpenAPI document tells of a route: what it is for, what it answers, and how it can refuse. */
export function Operation({
  summary,
  description,
  answer,
  status = 200,
  problems = [],
  isPublic = false,
}: OperationDescription): MethodDecorator {
  const codes = [...new Set([...always, ...(isPublic ? [] : (['not_authenticated'] as const)), ...problems])];
  const byStatus = Map.groupBy(codes, (code) => errorCatalogue[code].status);
  return applyDecorators(
    ApiOperation({ summary, ...(description && { description }) }),
    ...(isPublic ? [] : [ApiSecurity('bearer')]),
    ApiResponse({
      status,
      description: status === 201 ? 'Created' : 'Done',
      ...(answer && { standardSchema: answer }),
    }),
    ...[...byStatus].map(([refusedStatus, refused]) =>
      ApiResponse({
        status: refusedStatus,
        description: refused.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('\n\n'),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(refused.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      }),
    ),
  );
}

function exampleOf(code: ErrorCode): z.infer<typeof problem> {
  const { status, title, next } = errorCatalogue[code];
  return {
    type: `https://countersign.dev/problems/${code}`,
    title,
    status,
    code,
    next,
    instance: 'urn:uuid:0c9f7f6e-6f0b-4b62-9d0e-3f6e1d1b6a11',
  };
}
