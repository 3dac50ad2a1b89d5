import type { ApiResponseOptions } from '@nestjs/swagger';
import type { z } from 'zod';
import { errorCatalogue, type ErrorCode, type problem } from '#contracts';
import { problemHeaders } from './headers.ts';

/** One response a status: the codes it can carry, each with an example. */
export function problemResponses(codes: readonly ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => errorCatalogue[code].status);
  return [...byStatus].map(
    ([status, refused]) =>
      ({
        status,
        description: refused.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('\n\n'),
        headers: problemHeaders(status),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(refused.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      }) satisfies ApiResponseOptions,
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
