import { Catch, Logger, type ArgumentsHost } from '@nestjs/common';
import type { Request, Response } from 'express';
import { evaluationsRequest, Refusal, type EvaluationsResponse } from '#contracts';
import { denied } from '#decisions';
import { ProblemFilter } from '../problem/problem.filter.ts';
import { refusalOf } from '../problem/problem.ts';
import { echoRequestId } from './request-id.interceptor.ts';

const logger = new Logger('evaluation');
const denial = denied('unavailable');

/**
 * Whoever asks "may they?" while we cannot look gets a no, in the form of any other answer: AuthZEN tells callers what
 * to do with a decision, and leaves to them what to do with an error. A caller that lets everybody pass when we fail
 * would be the one hole. It goes to callers we cannot authenticate either, and tells them nothing.
 */
@Catch()
export class DenyWhenUnavailable extends ProblemFilter {
  protected override async answer(error: unknown, host: ArgumentsHost): Promise<void> {
    const refusal = refusalOf(error);
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (refusal.code !== 'unavailable' || response.headersSent) return super.answer(error, host);
    const answer = request.path.endsWith('/evaluations') ? denials(request.body) : denial;
    if (!answer) return super.answer(new Refusal('invalid_request'), host);

    logger.warn(`Denied, because the database cannot be reached: ${request.method} ${request.path}`);
    echoRequestId(request, response);
    const { retryAfterSeconds } = refusal.details;
    if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(retryAfterSeconds));
    response.status(200).json(answer);
  }
}

/** A no to each question that would have been looked at; null where the body, which nobody has checked yet, is not right. */
function denials(body: unknown): EvaluationsResponse | null {
  const request = evaluationsRequest.safeParse(body);
  if (!request.success) return null;
  const { evaluations, options } = request.data;
  if (!evaluations?.length) return denial;
  const asked = options?.evaluations_semantic === 'deny_on_first_deny' ? evaluations.slice(0, 1) : evaluations;
  return { evaluations: asked.map(() => denial) };
}
