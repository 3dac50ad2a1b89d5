import type { NextFunction, Request, Response } from 'express';
import type { Draining } from './draining.ts';

/** Once the process is about to end, each answer is the last on its connection: the next request goes elsewhere. */
export function endConnections({ signal }: Draining) {
  const underWay = new Set<Response>();
  const end = (response: Response): void => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
  };
  signal.addEventListener('abort', () => underWay.forEach(end));
  return (_request: Request, response: Response, next: NextFunction): void => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (signal.aborted) end(response);
    next();
  };
}
