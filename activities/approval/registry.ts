import type { ApprovalFeature } from '#contracts';
import { changeRequestMails } from '../change-request/mails.ts';
import { elevationMails } from '../elevation/mails.ts';
import { externalAdministratorMails } from '../external-administrator/mails.ts';
import type { Concerns } from '../mail/concern.ts';

/** Whom the mails of each flow concern, and what they say. */
export const mailsOfApprovals: Readonly<Record<ApprovalFeature, Concerns>> = {
  elevation: elevationMails,
  'external-administrator': externalAdministratorMails,
  'change-request': changeRequestMails,
};
