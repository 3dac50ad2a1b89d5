import type { DemoClient } from './client.ts';

/** The people and organizations that later scenes go on with. */
export interface CastList {
  partnerId: string;
  customerId: string;
  paula: DemoClient;
  maria: DemoClient;
  grace: DemoClient;
  graceId: string;
}
