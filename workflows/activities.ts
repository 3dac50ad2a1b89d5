import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/**
 * Short steps in the database: each is one guarded transaction, so running it twice is harmless. They never give up,
 * because a state that is due must be written however long the database was away.
 */
export const database = proxyLocalActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  localRetryThreshold: '1 minute',
  retry: { initialInterval: '200 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/**
 * A mail is tried for a day; what then is left is written down as undeliverable, visible and repairable. A worker that
 * dies over a mail is missed by its heartbeat, and another one takes the mail over.
 */
export const mail = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  scheduleToCloseTimeout: '24 hours',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
});
