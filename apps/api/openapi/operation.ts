import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiSecurity } from '@nestjs/swagger';
import type { z } from 'zod';
import type { ApiKeyScope } from '#access';
import type { ErrorCode } from '#contracts';
import { successHeaders } from './headers.ts';
import { problemResponses } from './problem-responses.ts';

export interface OperationDescription {
  summary: string;
  description?: string;
  /** Schema of the answer; without one there is no body. */
  answer?: z.ZodType;
  /** The answer is of this media type and no JSON of ours. */
  mediaType?: string;
  /** Status of success; default 200. */
  status?: 200 | 201 | 202 | 204 | 303;
  /** Codes it can refuse with, beside those every route has. */
  problems?: readonly ErrorCode[];
  /** Answers without authentication. */
  isPublic?: boolean;
  /** What an API key must be for; without one the operation is closed to all of them, but where `any` key may call. */
  scope?: ApiKeyScope | 'any';
}

/** Metadata of an operation: the scope that opens it to API keys. */
export const operationScope = 'operation-scope';

/** A public route refuses a token that is sent and not valid, too. */
const always: readonly ErrorCode[] = ['invalid_request', 'not_authenticated', 'too_many_requests', 'unavailable'];

const descriptions = { 200: 'Done', 201: 'Created', 202: 'Begun', 204: 'Done', 303: 'Go there' } as const;

/** Everything the OpenAPI document tells of a route: what it is for, what it answers, and how it can refuse. */
export function Operation({
  summary,
  description,
  answer,
  mediaType,
  status = 200,
  problems = [],
  isPublic = false,
  scope,
}: OperationDescription): MethodDecorator {
  const codes = new Set<ErrorCode>([...always, ...problems]);
  if (!isPublic && scope !== 'any') codes.add(scope ? 'scope_missing' : 'person_required');
  if (!isPublic) codes.add('network_not_allowed');
  const forKeys =
    isPublic || scope === 'any' ? [] : [scope ? `API keys need the scope \`${scope}\`.` : 'Not for API keys.'];
  const text = [...(description ? [description] : []), ...forKeys].join('\n\n');
  const isOnce = codes.has('idempotency_key_reused');
  if (isOnce) codes.add('idempotency_in_progress');
  return applyDecorators(
    ApiOperation({ summary, ...(text && { description: text }) }),
    SetMetadata(operationScope, scope ?? null),
    ...(isPublic ? [] : [ApiSecurity('bearer')]),
    ...(isOnce ? [onceHeader] : []),
    ...(codes.has('version_mismatch') ? [matchHeader] : []),
    ApiResponse({
      status,
      description: descriptions[status],
      headers: successHeaders(status, answer),
      ...(answer && { standardSchema: answer }),
      ...(mediaType && { content: { [mediaType]: { schema: { type: 'string' } } } }),
    }),
    ...problemResponses([...codes]).map((response) => ApiResponse(response)),
  );
}

const onceHeader = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'The same key and body again within 24 hours: the same answer, and nothing is done twice.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
});

const matchHeader = ApiHeader({
  name: 'If-Match',
  required: false,
  description: 'The `ETag` it was read with; where it looks different by now: 412 `version_mismatch`.',
  schema: { type: 'string' },
});
