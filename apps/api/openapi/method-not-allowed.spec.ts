import { describe, expect, it, jest } from '@jest/globals';
import type { Request, Response } from 'express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { refuseOtherMethods } from './method-not-allowed.ts';

const paths = {
  '/v1/sessions/current': { delete: {} },
  '/v1/sessions/{sessionId}': { get: {}, put: {} },
} as unknown as OpenAPIObject['paths'];

function ask(method: string, path: string) {
  const headers: Record<string, string> = {};
  const end = jest.fn();
  const response = {
    setHeader: (name: string, value: string) => (headers[name] = value),
    status: () => ({ end }),
  } as unknown as Response;
  const next = jest.fn();
  refuseOtherMethods({ paths })({ method, path } as Request, response, next);
  return { allow: headers['Allow'], next, end };
}

describe('a method the address does not have', () => {
  it('is refused, and the answer names those it has', () => {
    const { next, allow } = ask('POST', '/v1/sessions/x');
    expect(next).toHaveBeenCalledWith(expect.objectContaining({ code: 'method_not_allowed' }));
    expect(allow).toBe('GET, PUT, HEAD, OPTIONS');
  });

  it('is judged by the address that is written out, where an id could stand in its place', () => {
    expect(ask('GET', '/v1/sessions/current').allow).toBe('DELETE, OPTIONS');
    expect(ask('DELETE', '/V1/Sessions/current/').next).toHaveBeenCalledWith();
  });

  it('is no matter of this one where the document knows no such address', () => {
    expect(ask('POST', '/elevations').next).toHaveBeenCalledWith();
    expect(ask('POST', '/v1/sessions/x/y').next).toHaveBeenCalledWith();
  });
});

describe('OPTIONS', () => {
  it('is answered with the methods the address has', () => {
    const { end, allow, next } = ask('OPTIONS', '/v1/sessions/x');
    expect(end).toHaveBeenCalled();
    expect(next).not.toHaveBeenCalled();
    expect(allow).toBe('GET, PUT, HEAD, OPTIONS');
  });
});
