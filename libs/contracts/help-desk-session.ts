import { z } from 'zod';
import { helpDeskSessionStatuses } from '#access';
import { grantState } from './elevation.ts';
import { notifications } from './notifications.ts';
import { instant, nothing, page, pageQuery, person, reason, uuid } from './scalars.ts';

export const openHelpDeskSession = z.strictObject({ customerId: uuid, partnerId: uuid.optional(), reason }).meta({
  id: 'OpenHelpDeskSession',
  example: {
    customerId: '019aa1f0-7c3e-7cc1-9d0a-5f3c1b2a4d5e',
    reason: 'Looking into the phone registrations reported in INC-20417.',
  },
});

export const revokeHelpDeskSession = z
  .strictObject({ reason: reason.optional() })
  .meta({ id: 'RevokeHelpDeskSession' });
export const returnHelpDeskSession = nothing('ReturnHelpDeskSession');

export const helpDeskSession = z
  .object({
    id: uuid,
    /** That of the grant, which carries the session's time and end. */
    status: z.enum(helpDeskSessionStatuses),
    customerId: uuid,
    customerName: z.string(),
    partnerId: uuid,
    partnerName: z.string(),
    holder: person,
    reason: z.string(),
    createdAt: instant,
    notifications,
    grant: grantState,
  })
  .meta({ id: 'HelpDeskSession' });

export const helpDeskSessionQuery = pageQuery.extend({
  customerId: uuid.optional(),
  partnerId: uuid.optional(),
  status: z.enum(helpDeskSessionStatuses).optional(),
});
export const helpDeskSessionPage = page(helpDeskSession).meta({ id: 'HelpDeskSessionPage' });

export type OpenHelpDeskSession = z.infer<typeof openHelpDeskSession>;
export type HelpDeskSessionView = z.infer<typeof helpDeskSession>;
export type HelpDeskSessionQuery = z.infer<typeof helpDeskSessionQuery>;
