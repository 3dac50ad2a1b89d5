import type { NextFunction, Request, Response } from 'express';
import { Refusal } from '#contracts';

/** The deepest body of a contract has six levels; the rest is room for what callers put into an evaluation's context. */
const deepest = 32;

/**
 * Comes after the body parsers: what is nested deeper than anybody means goes no further. The parser reads a hundred thousand
 * levels, and whatever walks through them by calling itself, a schema or a digest, would run out of its stack.
 */
export function refuseDeepBody({ body }: Request, _response: Response, next: NextFunction): void {
  next(
    isDeeperThan(deepest, body)
      ? new Refusal('body_too_deep', {
          deepest,
          errors: [{ pointer: '', message: `Nested more than ${deepest} levels deep` }],
        })
      : undefined,
  );
}

/** Level by level, so that it needs no stack itself. */
function isDeeperThan(levels: number, body: unknown): boolean {
  let level = [body].filter(isNested);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === levels) return true;
    level = level.flatMap((value) => Object.values(value)).filter(isNested);
  }
  return false;
}

const isNested = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
