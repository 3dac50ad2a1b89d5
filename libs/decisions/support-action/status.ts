import type { SupportActionStatus } from '#access';
import type { SupportAction } from '#persistence';

/** The state as it counts at this moment: nobody writes down that a proposal has run out. */
export const supportActionStatusAt = ({ status, decideBy }: SupportAction, now: Date): SupportActionStatus =>
  status === 'pending' && decideBy <= now ? 'expired' : status;
