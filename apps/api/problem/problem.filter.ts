import { randomUUID } from 'node:crypto';
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { countUnavailable, loggedWith } from '#composition';
import { Refusal } from '#contracts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { ProblemPages } from '../console/problem-pages.ts';
import { isScim, scimErrorOf, scimMediaType } from '../scim/scim-error.ts';
import { problemOf, refusalOf } from './problem.ts';

/** The one place that turns errors into answers: a page where somebody reads pages, problem+json for everybody else. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('problem');

  constructor(private readonly pages: ProblemPages) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    if (refusalOf(error).code === 'unavailable') countUnavailable();
    await this.answer(error, host);
  }

  protected async answer(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<AuthenticatedRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const refusal = refusalOf(error);
    const { requestId = randomUUID() } = loggedWith();
    const instance = `urn:uuid:${requestId}`;
    if (refusal.status >= 500) this.report(error, refusal, instance, request);
    // An answer that has begun, such as an export, can only be cut off.
    if (response.headersSent) {
      response.destroy();
      return;
    }

    const { retryAfterSeconds, ...details } = refusal.details;
    if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(retryAfterSeconds));
    if (this.pages.isFor(request)) return this.pages.answer(request, response, refusal, instance);
    if (refusal.status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="countersign"');
    if (isScim(request)) {
      response
        .status(refusal.status)
        .type(scimMediaType)
        .send(JSON.stringify(scimErrorOf(refusal)));
      return;
    }
    response
      .status(refusal.status)
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(new Refusal(refusal.code, details), instance)));
  }

  /** Messages of drivers quote values, so the log gets the kind of error and its stack, not its words. */
  private report(error: unknown, refusal: Refusal, instance: string, request: AuthenticatedRequest): void {
    const kind = error instanceof Error ? error.constructor.name : typeof error;
    const stack =
      error instanceof Error
        ? (error.stack ?? '')
            .split('\n')
            .filter((line) => /^\s+at /.test(line))
            .slice(0, 8)
            .join('\n')
        : '';
    const where = `${request.method} ${request.route ? String((request.route as { path: unknown }).path) : 'unrouted'}`;
    if (refusal.code === 'unavailable') this.logger.warn(`${instance} ${where}: ${kind}`);
    else this.logger.error(`${instance} ${where}: ${kind}\n${stack}`);
  }
}
