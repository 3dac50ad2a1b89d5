import type { Recordings } from '../recording.ts';
import { changeRequest } from './change-request.ts';
import { elevation } from './elevation.ts';
import { externalAdministrator } from './external-administrator.ts';
import { helpDeskSession } from './help-desk-session.ts';
import { inviteBatch } from './invite-batch.ts';
import { invite } from './invite.ts';
import { mailDelivery } from './mail-delivery.ts';
import { membershipNotice } from './membership-notice.ts';
import { passwordReset } from './password-reset.ts';

/** What is recorded of which workflow type; a workflow without an entry fails the replay test. */
export const recordings: Readonly<Record<string, Recordings>> = {
  elevation,
  helpDeskSession,
  externalAdministrator,
  changeRequest,
  invite,
  mailDelivery,
  membershipNotice,
  passwordReset,
  // Last, since mails to so many would hold up those that others wait for.
  inviteBatch,
};
