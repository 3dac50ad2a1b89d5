import type { Request } from 'express';
import { errorCatalogue, scimSchemas, type Refusal, type ScimType } from '#contracts';

export const scimMediaType = 'application/scim+json';

export const isScim = ({ path }: Request): boolean => /^\/scim(?:\/|$)/i.test(path);

const typeOfCode: Readonly<Record<string, ScimType>> = {
  username_taken: 'uniqueness',
  address_taken: 'uniqueness',
  already_member: 'uniqueness',
  name_taken: 'uniqueness',
  invalid_request: 'invalidValue',
  body_too_deep: 'invalidSyntax',
};

/** RFC 7644, 3.12: what was wrong and what to do next, in the words of our own errors. */
export function scimErrorOf(refusal: Refusal) {
  const { status, code, details } = refusal;
  const { title, next } = errorCatalogue[code];
  const errors = Array.isArray(details['errors']) ? (details['errors'] as { pointer: string; message: string }[]) : [];
  const where = errors.map(({ pointer, message }) => (pointer ? `${pointer}: ${message}` : message));
  const scimType = details['scimType'] ?? typeOfCode[code];
  return {
    schemas: [scimSchemas.error],
    status: String(status),
    ...(scimType !== undefined && { scimType }),
    detail: [title, ...where, next].map((sentence) => sentence.replace(/\.$/, '')).join('. '),
  };
}
