import { expireRequest } from './approval/expire-request.ts';
import { readRequest } from './approval/read-request.ts';
import type { Dependencies } from './dependencies.ts';
import { expireElevation, readElevation } from './elevation/recorded-names.ts';
import {
  expireExternalAdministratorRequest,
  readExternalAdministratorRequest,
} from './external-administrator/recorded-names.ts';
import { settleExternalAccess } from './external-administrator/settle-access.ts';
import { failureOf } from './failures.ts';
import { settleGrant } from './grant/settle-grant.ts';
import { expireInvite } from './invite/expire-invite.ts';
import { markInviteMailed, markInviteReminded } from './invite/mark-invite-mailed.ts';
import { readInvite } from './invite/read-invite.ts';
import { workOffInviteBatch } from './invite-batch/work-off-invite-batch.ts';
import { deliverMail } from './mail/deliver-mail.ts';
import { findLeftMails } from './mail/find-left-mails.ts';
import { giveUpMail } from './mail/give-up-mail.ts';
import { planMails } from './mail/plan-mails.ts';
import { reopenMail } from './mail/reopen-mail.ts';
import { sendMails } from './mail/send-mails.ts';
import { readMembershipNotice } from './membership/read-membership-notice.ts';
import { readPasswordReset } from './password-reset/read-password-reset.ts';

/** Everything workflows may do to the world; each is made with what it works with. */
const makers = {
  deliverMail,
  expireElevation,
  expireExternalAdministratorRequest,
  expireInvite,
  expireRequest,
  findLeftMails,
  giveUpMail,
  markInviteMailed,
  markInviteReminded,
  planMails,
  readElevation,
  readExternalAdministratorRequest,
  readInvite,
  readMembershipNotice,
  readPasswordReset,
  readRequest,
  reopenMail,
  sendMails,
  settleExternalAccess,
  settleGrant,
  workOffInviteBatch,
};

export type Activities = { [Name in keyof typeof makers]: ReturnType<(typeof makers)[Name]> };

export function createActivities(dependencies: Dependencies): Activities {
  const activities = Object.entries(makers).map(([name, make]) => {
    const act = make(dependencies) as (input: unknown) => Promise<unknown>;
    const activity = async (input: unknown): Promise<unknown> => {
      try {
        return await act(input);
      } catch (error) {
        throw failureOf(error);
      }
    };
    return [name, activity];
  });
  return Object.fromEntries(activities) as Activities;
}

export { bodies, chatMessage, type ChatMessage } from './channel/index.ts';
export { securityEventToken } from './signal-stream/security-event-token.ts';
export type { Dependencies } from './dependencies.ts';
export type { MailPlan } from './mail/plan-mails.ts';
