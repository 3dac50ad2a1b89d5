import { BadRequestException, HttpException } from '@nestjs/common';
import { DriverException } from '@mikro-orm/postgresql';
import { errorCatalogue, Refusal, type ErrorCode, type Problem } from '#contracts';
import { pointerOf } from './pointers.ts';

const problemTypes = 'https://countersign.dev/problems';

export function problemOf(refusal: Refusal, instance: string): Problem {
  const { status, title, next } = errorCatalogue[refusal.code];
  return {
    type: `${problemTypes}/${refusal.code}`,
    title,
    status,
    code: refusal.code,
    next,
    instance,
    // Whoever sent something wrong is always told where.
    ...(status === 400 && { errors: [{ pointer: pointerOf(refusal.code), message: title }] }),
    ...refusal.details,
  };
}

/** Every error there is becomes a refusal with one of our codes; what we did not foresee is `internal_error`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DriverException) return refusalOfDatabase(error);
  if (isBodyParserError(error)) return new Refusal(codeOfBody[error.type] ?? 'invalid_request', whatIsUnread(error));
  if (error instanceof HttpException)
    return new Refusal(codeOfStatus[error.getStatus()] ?? 'internal_error', detailOf(error));
  if (isConnectionError(error) || isAway(error)) return unavailable();
  return new Refusal('internal_error');
}

const unavailable = () => new Refusal('unavailable', { retryAfterSeconds: 2 });

/** SQLSTATE classes that mean the database is away, overloaded, shutting down or, at a failover, only for reading. */
const awayStates = /^(08|40|53|57P|57014|55P03|58|25P0|25006)/;
/** Text PostgreSQL cannot store: NUL, lone surrogates, broken encodings. */
const unstorableStates = /^(22021|22P05|22P02|22003|22007|22008)$/;

function refusalOfDatabase(error: DriverException): Refusal {
  if (unstorableStates.test(error.code ?? '')) return new Refusal('invalid_request');
  if (isAway(error) || isConnectionError(error)) return unavailable();
  return new Refusal('internal_error');
}

/** Told by its SQLSTATE: what PostgreSQL says while a connection is made comes to us as the driver's own error. */
function isAway(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && awayStates.test(code);
}

function isConnectionError(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return (
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)/.test(String(code)) ||
    /Connection terminated|timeout exceeded when trying to connect|is not queryable|ECONNREFUSED|ECONNRESET/.test(
      String(message),
    )
  );
}

const codeOfBody: Readonly<Record<string, ErrorCode>> = {
  'entity.too.large': 'body_too_large',
  'parameters.too.many': 'body_too_large',
  'charset.unsupported': 'unsupported_media_type',
  'encoding.unsupported': 'unsupported_media_type',
};

function isBodyParserError(error: unknown): error is { type: string } {
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  return typeof type === 'string' && typeof status === 'number' && status < 500;
}

const whatIsUnread = ({ type }: { type: string }) =>
  type === 'entity.parse.failed' ? { errors: [{ pointer: '', message: 'This is not JSON' }] } : {};

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  401: 'not_authenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  503: 'unavailable',
};

function detailOf(error: HttpException): { detail?: string } {
  return error instanceof BadRequestException ? { detail: error.message } : {};
}
