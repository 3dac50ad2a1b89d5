import { describe, expect, it } from '@jest/globals';
import { acceptInvite, createSession, errorCatalogue, isErrorCode, Refusal, removal } from '#contracts';
import { problemOf, refusalOf } from './problem.ts';
import { errorsOf } from './validation.ts';

describe('where a request is wrong', () => {
  const pointersOf = (schema: typeof createSession | typeof removal | typeof acceptInvite, body: unknown) =>
    errorsOf(schema.safeParse(body).error?.issues ?? []).map(({ pointer }) => pointer);

  it.each([
    ['a field that is missing in each alternative', createSession, { email: 'ada@acme.example' }, ['/password']],
    ['a field of the other alternative', createSession, { username: 'ada' }, ['/password']],
    ['a field that is not known', removal, { reason: 'Left', foo: 1 }, ['/foo']],
    ['a field with a slash in its name', removal, { 'a/b': 1 }, ['/a~1b']],
    ['a field of the wrong kind', acceptInvite, { token: 1 }, ['/token']],
  ] as const)('is told for %s', (_, schema, body, pointers) => {
    expect(pointersOf(schema, body)).toEqual(pointers);
  });

  it('is told of a body that is no JSON', () => {
    const unread = refusalOf(
      Object.assign(new SyntaxError('Unexpected token'), { type: 'entity.parse.failed', status: 400 }),
    );
    expect(problemOf(unread, 'urn:uuid:1')).toMatchObject({
      status: 400,
      errors: [{ pointer: '', message: 'This is not JSON' }],
    });
  });

  it('is told with every code of status 400', () => {
    const codes = Object.keys(errorCatalogue).filter(isErrorCode);
    for (const code of codes) {
      const { status, errors } = problemOf(new Refusal(code), 'urn:uuid:1');
      expect([code, errors !== undefined]).toEqual([code, status === 400]);
    }
    expect(problemOf(new Refusal('invalid_cursor'), '')).toMatchObject({ errors: [{ pointer: '/cursor' }] });
    expect(problemOf(new Refusal('partner_required'), '')).toMatchObject({ errors: [{ pointer: '/partnerId' }] });
  });
});
