import { Injectable, type DynamicModule, type ExecutionContext } from '@nestjs/common';
import type { ThrottlerLimitDetail, ThrottlerModuleOptions } from '@nestjs/throttler';
import { Refusal } from '#contracts';
import { networkOf, principalKey } from '#identity';
import type { Database } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authenticated-request.ts';
import { RequestCounters } from './request-counters.ts';

// A CommonJS package that requires Nest's ES modules: Jest loads it only once those have been evaluated.
const { ThrottlerGuard, ThrottlerModule } = await import('@nestjs/throttler');

const minute = 60_000;
/** Asking "may they do this now?" before each act is what services are here for. */
const evaluationFactor = 10;

/** The windows every request is counted in; more than so many a minute are refused with `too_many_requests`. */
export function requestRates(requestsPerMinute: number, database: Database): DynamicModule {
  const options: ThrottlerModuleOptions = {
    throttlers: [
      {
        name: 'default',
        ttl: minute,
        limit: (context) => requestsPerMinute * (isEvaluation(context) ? evaluationFactor : 1),
      },
    ],
    storage: new RequestCounters(database),
    // Health checks and metrics must answer when everything else is too much.
    skipIf: (context) => /^\/(?:health|metrics|static)(?:\/|$)/.test(requestOf(context).path),
    setHeaders: false,
  };
  return ThrottlerModule.forRoot(options);
}

/** Per principal where there is one, else per network; comes after authentication, which asks it about bad tokens. */
@Injectable()
export class RequestRateGuard extends ThrottlerGuard {
  protected override async getTracker(request: Record<string, unknown>): Promise<string> {
    const { principal, directory, ip } = request as unknown as AuthenticatedRequest;
    if (directory) return `directory:${directory.tokenId}`;
    return principal ? principalKey(principal) : `network:${networkOf(ip ?? '')}`;
  }

  /** One count for all routes, but evaluations apart. */
  protected override generateKey(context: ExecutionContext, tracker: string): string {
    return isEvaluation(context) ? `evaluation:${tracker}` : tracker;
  }

  protected override async throwThrottlingException(
    _context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    throw new Refusal('too_many_requests', { retryAfterSeconds: timeToBlockExpire });
  }
}

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<AuthenticatedRequest>();

const isEvaluation = (context: ExecutionContext) => requestOf(context).path.startsWith('/access/v1/');
