import type { NextFunction, Request, Response } from 'express';
import { Refusal } from '#contracts';

/**
 * Refuses a method that no route of the address has, naming those it has, and tells them to whoever asks by OPTIONS.
 * Knows the addresses from the document, which is everybody's to read, so it tells nothing by coming before
 * authentication.
 */
export function refuseOtherMethods({ paths }: { paths: Readonly<Record<string, object>> }) {
  const addresses = Object.entries(paths).map(([path, operations]) => ({
    form: formOf(path),
    parameters: path.split('{').length - 1,
    methods: Object.keys(operations).map((method) => method.toUpperCase()),
  }));

  return (request: Request, response: Response, next: NextFunction): void => {
    const found = addresses.filter(({ form }) => form.test(request.path));
    // `/v1/sessions/current` is no session with the id `current`.
    const fewest = Math.min(...found.map(({ parameters }) => parameters));
    const named = found.filter(({ parameters }) => parameters === fewest).flatMap(({ methods }) => methods);
    if (named.length === 0) return next();
    const allowed = new Set([...named, ...(named.includes('GET') ? ['HEAD'] : []), 'OPTIONS']);
    if (request.method !== 'OPTIONS' && allowed.has(request.method)) return next();
    response.setHeader('Allow', [...allowed].join(', '));
    if (request.method === 'OPTIONS') return void response.status(204).end();
    next(new Refusal('method_not_allowed'));
  };
}

/** As Express finds routes: in any case, with or without a slash at the end. */
function formOf(path: string): RegExp {
  const steps = path
    .split('/')
    .map((step) => (step.startsWith('{') ? '[^/]+' : step.replaceAll(/[^\w-]/g, String.raw`\$&`)));
  return new RegExp(`^${steps.join('/')}/?$`, 'i');
}
