import { z } from 'zod';
import { identities } from '../answers/identities.ts';

interface Header {
  description: string;
  required?: boolean;
  schema: { type: 'string' | 'integer'; minimum?: number };
}

const location: Header = { description: 'Where it is', required: true, schema: { type: 'string' } };
const entityTag: Header = {
  description: 'Changes with what is answered; to be sent as `If-Match`',
  required: true,
  schema: { type: 'string' },
};
const retryAfter: Header = { description: 'Seconds', required: true, schema: { type: 'integer', minimum: 1 } };
const challenge: Header = { description: 'RFC 9110', required: true, schema: { type: 'string' } };

/** Headers of the answer: where something new is, and the tag of whatever is one resource. */
export function successHeaders(status: number, answer: z.ZodType | undefined): Record<string, Header> {
  const hasId = answer instanceof z.ZodObject && identities.some((name) => name in answer.shape);
  return {
    ...((status === 303 || (status === 201 && answer !== undefined) || (status === 202 && hasId)) && {
      Location: location,
    }),
    ...(hasId && { ETag: entityTag }),
  };
}

const ofProblems: Readonly<Record<number, Record<string, Header>>> = {
  401: { 'WWW-Authenticate': challenge },
  429: { 'Retry-After': retryAfter },
  503: { 'Retry-After': retryAfter },
};

export const problemHeaders = (status: number): Record<string, Header> => ofProblems[status] ?? {};
