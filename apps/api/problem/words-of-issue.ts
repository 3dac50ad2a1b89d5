import { z } from 'zod';

export const missing = 'This is missing';

const formats: Readonly<Record<string, string>> = {
  email: 'Write an e-mail address such as ada@example.com',
  url: 'Write the whole address, such as https://example.com/',
  uuid: 'Send an id as it was given out',
  date: 'Write a day such as 2026-11-30',
  datetime: 'Write a moment such as 2026-11-30T09:30:00Z',
  hostname: 'Write a domain such as acme.example',
};
const kinds: Readonly<Record<string, string>> = {
  string: 'Text is expected',
  number: 'A number is expected',
  int: 'A whole number is expected',
  boolean: 'true or false is expected',
  array: 'A list is expected',
  object: 'An object is expected',
};
const most = (origin: string, maximum: number | bigint) =>
  origin === 'string'
    ? `This is too long: ${maximum} characters at most`
    : origin === 'array'
      ? `These are too many: ${maximum} at most`
      : `At most ${maximum}`;
const least = (origin: string, minimum: number | bigint) =>
  origin === 'string'
    ? `This is too short: ${minimum} characters at least`
    : origin === 'array'
      ? `These are too few: ${minimum} at least`
      : `At least ${minimum}`;

/** What is wrong, in words that a person understands; undefined where zod's own are as good. */
export function wordsOfIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined || issue.input === '') return missing;
  if (issue.code === 'invalid_type') return kinds[issue.expected];
  if (issue.code === 'too_big') return most(issue.origin, issue.maximum);
  if (issue.code === 'too_small') return least(issue.origin, issue.minimum);
  if (issue.code === 'invalid_format') return formats[issue.format] ?? 'This is not written as it should be';
  if (issue.code === 'invalid_value') return `One of these is expected: ${issue.values.map(String).join(', ')}`;
  return undefined;
}
