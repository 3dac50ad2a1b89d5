import { z } from 'zod';

/** A field that was left empty was not filled in. */
export const optionalField = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), schema.optional())
    .optional();

/** A box that was ticked is sent, one that was not is not. */
export const tickbox = z
  .string()
  .optional()
  .transform((value) => value !== undefined);

/** Boxes of one name: none, one or several are sent. */
export const ticked = <Schema extends z.ZodType>(item: Schema) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(item).max(100)).prefault(() => []);

const usualSeconds = [900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 24 * 3600];

export interface DurationChoice {
  seconds: number;
  chosen: boolean;
}

/** Usual times up to the longest allowed, longest first; the chosen one is ticked. */
export function durationChoices(longestSeconds: number, chosenSeconds = longestSeconds): DurationChoice[] {
  const choices = new Set([longestSeconds, ...usualSeconds.filter((seconds) => seconds < longestSeconds).toReversed()]);
  return [...choices].slice(0, 5).map((seconds) => ({ seconds, chosen: seconds === chosenSeconds }));
}
