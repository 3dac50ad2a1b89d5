/** Where the conversation with the mail server broke off. Never carries the address, the subject or the body. */
interface MailFailure {
  /** SMTP reply code, where the server answered. */
  responseCode?: number | undefined;
  /** SMTP command or phase that failed: `CONN`, `MAIL FROM`, `RCPT TO`, `DATA`, … */
  command?: string | undefined;
  /** Client-side reason, such as `ETIMEDOUT` or `ECONNECTION`. */
  code?: string | undefined;
}

function describe(failure: MailFailure): string {
  const what = failure.responseCode ?? failure.code ?? 'no answer';
  return failure.command === undefined ? `${what}` : `${what} at ${failure.command}`;
}

/** The server refuses this mail for good (5xx to sender, recipient or content): sending it again is useless. */
export class MailUndeliverableError extends Error {
  override readonly name = 'MailUndeliverableError';
  readonly retryable = false;

  constructor(readonly failure: MailFailure) {
    super(`The mail server refused the mail for good (${describe(failure)})`);
  }
}

/** The mail could not be handed over now (4xx, connection, timeout, sign-in at the server): try again later. */
export class MailDeliveryError extends Error {
  override readonly name = 'MailDeliveryError';
  readonly retryable = true;

  constructor(readonly failure: MailFailure) {
    super(`The mail could not be handed to the mail server (${describe(failure)})`);
  }
}
