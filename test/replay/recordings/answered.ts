import type { Answer } from '../../support/http-client.ts';

/** The body of an answer that went as the story wants it. @throws where it did not: nothing else is to be recorded. */
export function answered(answer: Answer, status: number): Answer['body'] {
  if (answer.status === status) return answer.body;
  throw new Error(`Answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
}
