import { createHash } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { inLowerCaseIds, Refusal } from '#contracts';
import type { Once } from '#decisions';
import { principalKey } from '#identity';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';

const keyForm = /^[\x21-\x7e]{1,200}$/;

/** The Idempotency-Key of a request that creates, per principal and route; null where none was sent. */
export const OnlyOnce = createParamDecorator((_: unknown, context: ExecutionContext): Once | null => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !keyForm.test(key)) {
    throw new Refusal('invalid_request', {
      errors: [{ pointer: '/headers/Idempotency-Key', message: '1 to 200 visible ASCII characters' }],
    });
  }
  if (!request.principal) return null;
  return {
    principal: principalKey(request.principal),
    // With a slash at its end a path is the same route.
    route: `${request.method} ${inLowerCaseIds(request.path).replace(/\/+$/, '')}`.slice(0, 255),
    key,
    bodyDigest: createHash('sha256').update(bytesOf(request.body)).digest('base64url'),
  };
});

/** A file as it was sent; of JSON what it says. */
const bytesOf = (body: unknown): Uint8Array | string =>
  body instanceof Uint8Array ? body : JSON.stringify(body ?? null);

/** The If-Match of a request; null where none was sent. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): string | null => {
  return context.switchToHttp().getRequest<AuthenticatedRequest>().headers['if-match'] ?? null;
});
