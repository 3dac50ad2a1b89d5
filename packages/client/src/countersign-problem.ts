import type { Problem } from './generated/types.gen.ts';

/** An answer that is a refusal: `code` is of a closed list, `next` says what to do. */
export class CountersignProblem extends Error {
  override readonly name = 'CountersignProblem';
  readonly status: number;
  readonly code: Problem['code'];
  readonly next: string;
  /** Seconds after which trying again makes sense, where the service said so. */
  readonly retryAfterSeconds: number | null;

  constructor(
    readonly problem: Problem,
    response: Response,
  ) {
    super(`${problem.title}. ${problem.next}`);
    this.status = response.status;
    this.code = problem.code;
    this.next = problem.next;
    const retryAfter = Number(response.headers.get('retry-after'));
    this.retryAfterSeconds = retryAfter > 0 ? retryAfter : null;
  }
}

/** What came instead of a success: a problem of ours, or whatever a proxy in between had to say. */
export function problemOf(body: unknown, response: Response): Error {
  if (typeof body === 'object' && body !== null && 'code' in body && 'next' in body)
    return new CountersignProblem(body as Problem, response);
  return new Error(`The service answered ${response.status} without a problem document`);
}
