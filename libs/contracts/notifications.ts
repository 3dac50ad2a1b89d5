import { z } from 'zod';

/** How far the mails about something have come, as far as the viewer may know of them. */
export const notifications = z
  .object({ planned: z.int(), sent: z.int(), undeliverable: z.int() })
  .meta({ id: 'Notifications' });

export type Notifications = z.infer<typeof notifications>;
