import { NotFoundError } from '@mikro-orm/postgresql';
import { ApplicationFailure } from '@temporalio/common';
import { Refusal } from '#contracts';
import { MailUndeliverableError } from '#mail';

/**
 * What an activity's error means to its workflow: a rule's no, a row that is not there and a mail that can't arrive are final, everything else
 * is worth another try. Messages stay out of the history; they may quote what people wrote.
 */
export function failureOf(error: unknown): unknown {
  if (error instanceof Refusal) return ApplicationFailure.nonRetryable(error.code, error.code);
  if (error instanceof MailUndeliverableError) return ApplicationFailure.nonRetryable('undeliverable', 'undeliverable');
  // An older state of the database was put back: what it does not know of ends.
  if (error instanceof NotFoundError) return missingRow();
  if (error instanceof ApplicationFailure) return error;
  const name = error instanceof Error ? error.constructor.name : 'unknown';
  return ApplicationFailure.retryable(name, 'unavailable');
}

/** The row a workflow is about is not there, and never will be: the workflow ends. */
export const missingRow = () => ApplicationFailure.nonRetryable('row_missing', 'row_missing');

/** The mailbox has had as many mails as an hour allows: tried again when the hour is over. */
export const mailboxHasEnough = (seconds: number) =>
  ApplicationFailure.create({
    message: 'mailbox_has_enough',
    type: 'mailbox_has_enough',
    nonRetryable: false,
    nextRetryDelay: seconds * 1000,
  });
