import { Context } from '@temporalio/activity';

const everyMilliseconds = 3_000;

/** Tells Temporal that this worker is alive while a slow mail server is waited for. */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beating = setInterval(() => context.heartbeat(), everyMilliseconds);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}
