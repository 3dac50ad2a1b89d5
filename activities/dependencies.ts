import type { Keys } from '#config';
import type { Decisions } from '#decisions';
import type { IdentityDirectory } from '#identity';
import type { MailSender } from '#mail';
import type { Database } from '#persistence';

/** What activities work with; made once per worker. */
export interface Dependencies {
  database: Database;
  decisions: Decisions;
  mailSender: MailSender;
  /** Where links in mails lead. */
  publicUrl: string;
  /** Host part of Message-IDs. */
  mailDomain: string;
  /** How many mails about what others ask one mailbox gets in an hour. */
  mailsPerHour: number;
  /** Makes the links of invites. */
  inviteKeys: Keys;
  /** Makes the links of password resets. */
  resetKeys: Keys;
  /** Knows who has an identity already. */
  directory: IdentityDirectory;
}
