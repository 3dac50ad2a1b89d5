/** What ends the program otherwise than well, by exit code: for scripts, and in the README. */
export const exitCodes = {
  done: 0,
  wentWrong: 1,
  /** `audit verify` and `audit witness` found what should not be. */
  notGenuine: 2,
  /** The service refused. */
  refused: 3,
  /** Everything worked, and the answer is no: not permitted, not approved. */
  no: 4,
  /** Unknown command or option, a missing argument or file (EX_USAGE of sysexits). */
  usage: 64,
} as const;

/** Called the wrong way; the message says the right one. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

export class NotLoggedIn extends UsageError {
  constructor(url: string) {
    super(`You are not logged in at ${url}. Run: countersign login --url ${url}, or name a token in COUNTERSIGN_TOKEN`);
  }
}
