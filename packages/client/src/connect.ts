import { randomUUID } from 'node:crypto';
import { createClient, createConfig } from './generated/client/index.ts';
import * as operations from './generated/sdk.gen.ts';
import { problemOf } from './countersign-problem.ts';

export interface Connection {
  /** Where the service is: `https://access.example.com`. */
  baseUrl: string;
  /** A session token or an API key; left out for signing in. */
  token?: string | undefined;
  /** How requests are sent; default: the platform's own. */
  fetch?: typeof fetch;
}

type Operations = typeof operations;
type Data<Operation extends (...args: never[]) => unknown> =
  Awaited<ReturnType<Operation>> extends { data?: infer Answer } ? NonNullable<Answer> : void;
type Call<Operation extends (...args: never[]) => unknown> = (
  ...options: Parameters<Operation>
) => Promise<Data<Operation>>;

/** Every operation of the API as a function that answers what was asked for, or throws the problem. */
export type Countersign = { readonly [Name in keyof Operations]: Call<Operations[Name]> };

/** A repeated request does nothing twice: tried once more after a lost connection, it carries the same key. */
const attempts = 2;

/**
 * Connects to the service; nothing is sent until something is asked. Every POST carries an `Idempotency-Key` of its own
 * unless one is given.
 * @throws CountersignProblem from every operation that is refused
 */
export function connect({ baseUrl, token, fetch: send = fetch }: Connection): Countersign {
  const client = createClient(createConfig({ baseUrl, auth: token, fetch: persistent(send) }));
  const call = (operation: Operations[keyof Operations]) => async (options: object) => {
    const ask = operation as unknown as (
      options: object,
    ) => Promise<{ data?: unknown; error?: unknown; response?: Response }>;
    const { data, error, response } = await ask({ ...options, client, throwOnError: false });
    if (!response) throw error;
    if (!response.ok) throw problemOf(error, response);
    return data;
  };
  const calls = Object.entries(operations).map(([name, operation]) => [name, call(operation)]);
  return Object.fromEntries(calls) as Countersign;
}

function persistent(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    if (request.method === 'POST' && !request.headers.has('idempotency-key'))
      request.headers.set('idempotency-key', randomUUID());
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(request.clone());
      } catch (error) {
        if (attempt === attempts || request.signal.aborted) throw error;
      }
    }
  };
}
