import { z } from 'zod';

/** RFC 9562 text form, any version: ids of ours are version 7. */
export const uuid = z.uuid().meta({ example: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e' });

export const instant = z.iso.datetime().meta({ example: '2026-11-22T09:30:00.000Z' });

export const seconds = z
  .int()
  .positive()
  .max(90 * 24 * 3600);

// Control characters have no business in a name; folding them keeps a pasted name usable and mail headers whole.
const controlCharacters = /[\p{Cc}\u2028\u2029]+/gu;

export const singleLine = (max: number) =>
  z
    .string()
    .max(max)
    .transform((text) => text.replace(controlCharacters, ' ').trim())
    .pipe(z.string().min(1).max(max));

/** Free words of a person: line breaks stay, other control characters go. */
export const prose = (max: number) =>
  z
    .string()
    .max(max)
    .transform((text) =>
      text
        .replace(/\r\n?/g, '\n')
        .replace(/(?:(?!\n)[\p{Cc}\u2028\u2029])+/gu, ' ')
        .trim(),
    )
    .pipe(z.string().min(1).max(max));

export const email = z.string().trim().max(254).pipe(z.email()).meta({ example: 'ada@example.com' });

export const displayName = singleLine(200).meta({ example: 'Ada Lovelace' });
export const reason = prose(2000).meta({
  example: 'Call quality drops every morning; the device profile needs a change.',
});
export const ticket = singleLine(100).meta({ example: 'INC-4711' });

export const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
  .meta({ example: 'acme' });

/** Addresses compare case-insensitively throughout. */
export function normalizeAddress(address: string): string {
  return address.trim().toLowerCase();
}

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const person = z.object({ id: uuid, displayName: z.string(), email: z.string() });
