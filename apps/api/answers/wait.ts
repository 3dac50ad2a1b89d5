import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Response } from 'express';
import { Refusal } from '#contracts';
import { principalKey } from '#identity';
import type { AuthenticatedRequest } from '../authentication/authenticated-request.ts';
import type { Wait } from './long-polls.ts';

/** Who may be kept waiting, and whether they are still there; how long is the query's to say. */
export const Waiter = createParamDecorator((_: unknown, context: ExecutionContext): Omit<Wait, 'seconds'> => {
  const http = context.switchToHttp();
  const { principal } = http.getRequest<AuthenticatedRequest>();
  if (!principal) throw new Refusal('not_authenticated');
  const gone = new AbortController();
  http.getResponse<Response>().once('close', () => gone.abort());
  return { principal: principalKey(principal), gone: gone.signal };
});
