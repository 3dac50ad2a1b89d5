import type { Matrices } from '#access';
import {
  evaluationRequest,
  Refusal,
  type EvaluationResponse,
  type EvaluationsRequest,
  type EvaluationsResponse,
} from '#contracts';
import type { Principal } from '#identity';
import type { Standing } from '#persistence';
import { denied, evaluate } from './evaluate.ts';

type Semantic = NonNullable<EvaluationsRequest['options']>['evaluations_semantic'];

/** After which answer the rest is not asked any more. */
const stopsAfter: Readonly<Record<Semantic, (answer: EvaluationResponse) => boolean>> = {
  execute_all: () => false,
  deny_on_first_deny: ({ decision }) => !decision,
  permit_on_first_permit: ({ decision }) => decision,
};

/** The answers of a batch, in the order of the questions, all of the same moment. */
export function evaluateAll(
  standing: Standing,
  principal: Principal,
  { evaluations, options, ...defaults }: EvaluationsRequest,
  matrices?: Matrices,
): EvaluationsResponse {
  if (!evaluations?.length) return evaluateOne(standing, principal, defaults, matrices);
  const stops = stopsAfter[options?.evaluations_semantic ?? 'execute_all'];
  const answers: EvaluationResponse[] = [];
  for (const item of evaluations) {
    const question = evaluationRequest.safeParse({ ...defaults, ...item });
    const answer = question.success
      ? evaluate(standing, principal, question.data, matrices)
      : denied('invalid_request');
    answers.push(answer);
    if (stops(answer)) break;
  }
  return { evaluations: answers };
}

/** Without items the request is a single one, and as such it is right or wrong as a whole. */
function evaluateOne(
  standing: Standing,
  principal: Principal,
  request: unknown,
  matrices?: Matrices,
): EvaluationResponse {
  const question = evaluationRequest.safeParse(request);
  if (!question.success) {
    throw new Refusal('invalid_request', {
      errors: question.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message })),
    });
  }
  return evaluate(standing, principal, question.data, matrices);
}
