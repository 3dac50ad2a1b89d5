import type { Response } from 'express';
import { z } from 'zod';
import { reason, Refusal } from '#contracts';
import { optionalField, tickbox } from '../console/form.ts';
import { refusalOf } from '../problem/validation.ts';

/** A no, to a request of any flow. */
export const denyForm = z.object({ reason: optionalField(reason), unexpected: tickbox });

interface Submission {
  response: Response;
  act: () => Promise<string>;
  /** The page of the form again, with what was refused; nothing where the browser was sent on after all. */
  again: (refusal: Refusal) => Promise<string | undefined>;
}

/**
 * Does what a form asks for and sends the browser on to where `act` says. A refusal is told on the page, which shows how
 * things stand; what is not there, and what is our own fault, are pages of their own.
 */
export async function submit({ response, act, again }: Submission): Promise<string | undefined> {
  try {
    response.redirect(303, await act());
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal) || isPageOfItsOwn(error)) throw error;
    response.status(error.status);
    return again(error);
  }
}

/** What is not there, what is our own fault, and what asks for a proof first, which comes back to what was sent. */
export const isPageOfItsOwn = ({ code, status }: Refusal): boolean =>
  code === 'not_found' || code === 'step_up_required' || status >= 500;

/** What a form holds, or the refusal that names the fields. */
export function filledIn<Schema extends z.ZodType>(schema: Schema, form: unknown): z.infer<Schema> {
  const result = schema.safeParse(form);
  if (result.success) return result.data;
  throw refusalOf(result.error.issues);
}
