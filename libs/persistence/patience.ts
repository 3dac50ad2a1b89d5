/**
 * How long anybody waits for the database, in milliseconds. Together they bound a request: it authenticates in one
 * transaction and works in another, so it is answered within twice `connect + transaction`, 26 s, whatever the database
 * does; proxies and clients commonly give up after 30.
 */
export const patience = {
  /** For a connection, be it a new one or a free one of the pool. A healthy one takes milliseconds. */
  connect: 3_000,
  /** For a row somebody else decides on. Decisions hold rows for milliseconds, so whoever holds one longer is stuck. */
  lock: 5_000,
  /** For one statement; the server ends it. Below `transaction`, so that the server's own word comes first. */
  statement: 8_000,
  /** For a whole transaction; we hang up. A server that answers each statement late would otherwise hold us for minutes. */
  transaction: 10_000,
  /**
   * How long the server keeps a transaction, and the rows it holds, whose client does not say anything any more: a
   * network that swallows everything tells neither side that the other has gone.
   */
  silentClient: 10_000,
  /** How long an unused connection is kept. Shorter than `silentServer`, which would count its idleness as silence. */
  idle: 10_000,
  /** A connection without a byte in either direction for so long is dead. */
  silentServer: 12_000,
} as const;
