import { StandardSchemaValidationPipe, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { Refusal, uuid, type ErrorCode } from '#contracts';
import { wordsOfIssue } from './words-of-issue.ts';

// What a schema says itself goes first.
z.config({ customError: wordsOfIssue });

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
  /** What each alternative of a union found wrong. */
  errors?: readonly (readonly Issue[])[];
  /** Fields that a strict schema does not know; zod names them here, not in the path. */
  keys?: readonly string[];
  /** Where the rule that was broken has a code of its own. */
  params?: { refusal?: ErrorCode; reason?: string };
}

/** RFC 6901. */
function pointerOf(path: Issue['path'] = []): string {
  return path
    .map((step) => String(typeof step === 'object' ? step.key : step))
    .map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

const mostErrors = 50;

/** Of a union, what is wrong with the alternative that comes nearest: it says more than that none of them fits. */
function nearest(issue: Issue): readonly Issue[] {
  const { path = [], errors = [] } = issue;
  const [best] = errors.filter(({ length }) => length > 0).toSorted((one, other) => one.length - other.length);
  if (!best) return [issue];
  return best.map((found) => ({ ...found, path: [...path, ...(found.path ?? [])] })).flatMap(nearest);
}

/** What a schema found wrong, with JSON pointers. */
export const errorsOf = (issues: readonly Issue[]) =>
  issues
    .flatMap(nearest)
    .flatMap(({ path = [], message, keys }) =>
      keys
        ? keys.map((key) => ({ pointer: pointerOf([...path, key]), message: 'There is no such field' }))
        : [{ pointer: pointerOf(path), message }],
    )
    .slice(0, mostErrors);

/** A form that is right but for a rule is refused by the rule's code, anything else as no valid request. */
export function refusalOf(issues: readonly Issue[]): Refusal {
  const found = issues.flatMap(nearest);
  const [first] = found;
  const { refusal = 'invalid_request', reason } = first?.params ?? {};
  const isOneRule = found.every(({ params }) => params?.refusal === refusal);
  return isOneRule
    ? new Refusal(refusal, { errors: errorsOf(issues), ...(reason && { reason }) })
    : new Refusal('invalid_request', { errors: errorsOf(issues) });
}

/** Every body and query is parsed by its zod schema; what fails is named with JSON pointers. */
export const contractPipe = new StandardSchemaValidationPipe({ exceptionFactory: refusalOf });

/** An id in a path that is no id names nothing that exists. */
export class ResourceId implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    const parsed = uuid.safeParse(value);
    if (!parsed.success) throw new Refusal('not_found');
    return parsed.data;
  }
}
