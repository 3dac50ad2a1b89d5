import { ApplicationFailure } from '@temporalio/common';
import { Refusal } from '#contracts';
import { MailUndeliverableError } from '#mail';

/**
 * What an activity's error means to its workflow: a rule's no and a mail that can't arrive are final, everything else
 * is worth another try. Messages stay out of the history; they may quote what people wrote.
 */
export function failureOf(error: unknown): unknown {
  if (error instanceof Refusal) return ApplicationFailure.nonRetryable(error.code, error.code);
  if (error instanceof MailUndeliverableError) return ApplicationFailure.nonRetryable('undeliverable', 'undeliverable');
  if (error instanceof ApplicationFailure) return error;
  const name = error instanceof Error ? error.constructor.name : 'unknown';
  return ApplicationFailure.retryable(name, 'unavailable');
}
