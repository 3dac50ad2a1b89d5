import { z } from 'zod';
import { addressFault, displayNameFault, foldDisplayName, foldUsername, refuseName, usernameFault } from './names.ts';

const uuidForm = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi;

/** The text with every UUID in it as we write them: RFC 9562 reads them in any case and writes them in lower case. */
export const inLowerCaseIds = (text: string): string => text.replace(uuidForm, (id) => id.toLowerCase());

/** RFC 9562 text form, any version: ids of ours are version 7. Read in any case. */
export const uuid = z.uuid().overwrite(inLowerCaseIds).meta({ example: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e' });

export const instant = z.iso.datetime().meta({ example: '2026-11-22T09:30:00.000Z' });

const writtenInstant =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:T(?<minute>\d{2}:\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?(?:Z|(?<sign>[+-])(?<hours>\d{2})(?::?(?<minutes>\d{2}))?))?$/i;

/** Milliseconds since 1970 of an ISO 8601 instant, or of the end (UTC) of a plain date; null where it is neither. */
function millisecondsOf(written: string): number | null {
  const parts = writtenInstant.exec(written)?.groups;
  if (!parts) return null;
  const { day = '', minute, second = '00', fraction = '', sign, hours = '00', minutes = '00' } = parts;
  const clock = minute === undefined ? '23:59:59.999' : `${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}`;
  const local = Date.parse(`${day}T${clock}Z`);
  // What no calendar has, such as 30 February or 24:00, would roll over into the next day.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(day)) return null;
  if (Number(hours) > 23 || Number(minutes) > 59) return null;
  return local - (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** An instant that somebody sends: ISO 8601 with any offset, or a plain date, which means its end in UTC. Kept as `…Z`. */
export const inputInstant = z
  .string()
  .max(100)
  .transform((written, context) => {
    const milliseconds = millisecondsOf(written.trim());
    if (milliseconds !== null) return new Date(milliseconds).toISOString();
    context.addIssue({ code: 'custom', message: 'A date, or an ISO 8601 instant with its offset' });
    return z.NEVER;
  })
  .meta({ format: 'date-time', example: '2026-11-22T09:30:00.000Z' });

export const seconds = z
  .int()
  .positive()
  .max(90 * 24 * 3600);

// Control characters have no business in a name; folding them keeps a pasted name usable and mail headers whole.
const controlCharacters = /[\p{Cc}\u2028\u2029]+/gu;

// oxlint-disable-next-line no-control-regex
const withoutNul = /^[^\u0000]*$/;

/** Text as it comes. PostgreSQL stores every character but NUL. */
export const plainText = (max: number) => z.string().max(max).regex(withoutNul, 'No NUL characters');

/** An id that may be of another system, or no id at all; a UUID is read in any case. */
export const foreignId = (max: number) => plainText(max).overwrite(inLowerCaseIds);

// What is left when controls and the blanks at both ends are gone; no Unicode classes, for readers of the document.
// oxlint-disable-next-line no-control-regex
const somethingVisible = /[^\s\u0000-\u001f\u007f-\u009f\ufeff]/;
const visible = (max: number) => z.string().max(max).regex(somethingVisible, 'This is missing');

export const singleLine = (max: number) =>
  visible(max)
    .transform((text) => text.replace(controlCharacters, ' ').trim())
    .pipe(z.string().min(1).max(max));

/** Free words of a person: line breaks stay, other control characters go. */
export const prose = (max: number) =>
  visible(max)
    .transform((text) =>
      text
        .replace(/\r\n?/g, '\n')
        .replace(/(?:(?!\n)[\p{Cc}\u2028\u2029])+/gu, ' ')
        .trim(),
    )
    .pipe(z.string().min(1).max(max));

// Beside what every mail server takes: letters of any script in name and domain (RFC 6531), and domains in ASCII form.
const inAddress = String.raw`[^\u0000-\u0020\u007f@"(),:;<>[\]\\]`;
const beyondAscii = String.raw`${inAddress}*[^\u0000-\u007f]${inAddress}*`;
const asciiAddress = z.regexes.email.source
  .slice(1, -1)
  .replace(/\[A-Za-z\]\{2,\}$/, '(?:[A-Za-z]{2,}|[Xx][Nn]--[A-Za-z0-9-]+)');
const addressForm = new RegExp(`^(?:${asciiAddress}|${beyondAscii}@${inAddress}+|${inAddress}+@${beyondAscii})$`);

export const email = z
  .string()
  .trim()
  .max(254)
  .regex(addressForm, 'Write an e-mail address such as ada@example.com')
  .overwrite((text) => text.normalize('NFC'))
  .superRefine((text, context) => {
    if (needsJudgement.test(text)) refuseName(context, addressFault(text), 'address_not_acceptable');
  })
  .meta({ example: 'ada@example.com' });
// oxlint-disable-next-line no-control-regex
const needsJudgement = /[^\u0000-\u007f]|xn--/i;

export const hostname = z
  .string()
  .trim()
  .max(253)
  .toLowerCase()
  .pipe(z.hostname())
  .meta({ pattern: z.regexes.hostname.source, example: 'acme.example' });

/** What others read somebody's name as; folded as in `foldDisplayName`. */
export const displayName = visible(200)
  .transform(foldDisplayName)
  .pipe(
    z
      .string()
      .min(1)
      .max(200)
      .superRefine((name, context) => refuseName(context, displayNameFault(name), 'name_not_acceptable')),
  )
  .meta({ example: 'Ada Lovelace' });
/** What somebody signs in by beside their address. */
export const username = visible(100)
  .transform(foldUsername)
  .pipe(
    z
      .string()
      .min(1)
      .max(100)
      .superRefine((name, context) => refuseName(context, usernameFault(name), 'name_not_acceptable')),
  )
  .meta({ example: 'ada' });
export const reason = prose(2000).meta({
  example: 'Call quality drops every morning; the device profile needs a change.',
});
export const ticket = singleLine(100).meta({ example: 'INC-4711' });

export const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
  .meta({ example: 'acme' });

/** A number in a query, in decimal digits: `0x10`, `1e1` and nothing at all are none. */
export const queryInteger = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );

export const pageQuery = z.object({
  limit: queryInteger(1, 200).default(50),
  cursor: plainText(500).optional(),
});

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** The body of a decision that has nothing more to say; it may be left out. */
export const nothing = (id: string) => z.strictObject({}).meta({ id });

export const person = z.object({ id: uuid, displayName: z.string(), email: z.string() });
