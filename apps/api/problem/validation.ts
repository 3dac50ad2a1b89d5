import { StandardSchemaValidationPipe, type PipeTransform } from '@nestjs/common';
import { Refusal, uuid } from '#contracts';

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
}

/** RFC 6901. */
function pointerOf(path: Issue['path'] = []): string {
  return path
    .map((step) => String(typeof step === 'object' ? step.key : step))
    .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

const mostErrors = 50;

/** What a schema found wrong, with JSON pointers. */
export const errorsOf = (issues: readonly Issue[]) =>
  issues.slice(0, mostErrors).map((issue) => ({ pointer: pointerOf(issue.path), message: issue.message }));

/** Every body and query is parsed by its zod schema; what fails is named with JSON pointers. */
export const contractPipe = new StandardSchemaValidationPipe({
  exceptionFactory: (issues: readonly Issue[]) =>
    new Refusal('invalid_request', {
      errors: errorsOf(issues),
    }),
});

/** An id in a path that is no id names nothing that exists. */
export class ResourceId implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    const parsed = uuid.safeParse(value);
    if (!parsed.success) throw new Refusal('not_found');
    return parsed.data;
  }
}
