import type { MailKind } from '#mail';
import { addressChangeMails } from '../address-change/mails.ts';
import { mailsOfApprovals } from '../approval/registry.ts';
import { helpDeskSessionMails } from '../help-desk-session/mails.ts';
import { inviteMails } from '../invite/mails.ts';
import { authenticationMails } from '../membership/authentication-mails.ts';
import { connectionMails } from '../membership/connection-mails.ts';
import { membershipMails } from '../membership/mails.ts';
import { externalTermMails } from '../external-administrator/term-mails.ts';
import { relationshipMails } from '../relationship/mails.ts';
import { passwordMails } from '../password-reset/mails.ts';
import { supportActionMails } from '../support-action/mails.ts';
import type { Concern, Concerns } from './concern.ts';

const table: Concerns = Object.assign({}, ...Object.values(mailsOfApprovals), {
  ...helpDeskSessionMails,
  ...inviteMails,
  ...membershipMails,
  ...authenticationMails,
  ...connectionMails,
  ...relationshipMails,
  ...externalTermMails,
  ...passwordMails,
  ...supportActionMails,
  ...addressChangeMails,
});

/** What there is to know about mails of the kind; a kind that no feature knows is a fault of ours. */
export function concernOf<Kind extends MailKind>(kind: Kind): Concern<Kind> {
  const concern: Concern<Kind> | undefined = table[kind];
  if (!concern) throw new TypeError(`No feature knows whom ${kind} concerns`);
  return concern;
}
