import { BadRequestException, HttpException } from '@nestjs/common';
import { DriverException } from '@mikro-orm/postgresql';
import { errorCatalogue, Refusal, type ErrorCode, type Problem } from '#contracts';

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
    ...refusal.details,
  };
}

/** Every error there is becomes a refusal with one of our codes; what we did not foresee is `internal_error`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DriverException) return refusalOfDatabase(error);
  if (isBodyParserError(error)) return new Refusal(codeOfBody[error.type] ?? 'invalid_request');
  if (error instanceof HttpException)
    return new Refusal(codeOfStatus[error.getStatus()] ?? 'internal_error', detailOf(error));
  if (isConnectionError(error)) return unavailable();
  return new Refusal('internal_error');
}

const unavailable = () => new Refusal('unavailable', { retryAfterSeconds: 2 });

/** SQLSTATE classes that mean the database is away, overloaded or shutting down. */
const awayStates = /^(08|53|57P|57014|55P03|40001|40P01|25P0)/;
/** Text PostgreSQL cannot store: NUL, lone surrogates, broken encodings. */
const unstorableStates = /^(22021|22P05|22P02|22003|22007|22008)$/;

function refusalOfDatabase(error: DriverException): Refusal {
  const state = error.code ?? '';
  if (unstorableStates.test(state)) return new Refusal('invalid_request');
  if (awayStates.test(state) || isConnectionError(error)) return unavailable();
  return new Refusal('internal_error');
}

function isConnectionError(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return (
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)/.test(String(code)) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|ECONNREFUSED|ECONNRESET/.test(
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
