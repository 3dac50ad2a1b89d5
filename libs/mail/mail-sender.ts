import { createTransport } from 'nodemailer';
import { MailDeliveryError, MailUndeliverableError } from './mail-errors.ts';
import type { MailKind } from './kinds.ts';
import { singleMailbox } from './single-mailbox.ts';

export interface OutgoingMail {
  /** One address. Each recipient gets a mail of their own: nobody sees who else was told. */
  to: string;
  kind: MailKind;
  /** From `messageIdFor`, so that a retry is recognised as the same mail. */
  messageId: string;
  subject: string;
  html: string;
  text: string;
}

export interface MailSender {
  /**
   * Hands one mail to the mail server; resolves once the server has taken it. `withinMilliseconds` is for the whole
   * mail; default four times the timeout.
   *
   * @throws MailUndeliverableError if the server refuses it for good
   * @throws MailDeliveryError if it may work later; the server can have taken it nevertheless
   */
  send(mail: OutgoingMail, options?: { withinMilliseconds?: number }): Promise<void>;
  /**
   * Connects and signs in without sending.
   *
   * @throws MailDeliveryError if that doesn't work
   */
  verify(): Promise<void>;
  /** Ends idle connections; a mail that is being handed over is finished first. */
  close(): void;
}

export interface MailSenderOptions {
  /** `smtp://user:password@host:587` or `smtps://…`; options of nodemailer may follow as a query. */
  smtpUrl: string;
  /** Whether a server that offers no TLS gets no mail. Default: TLS where it is offered. */
  requireTls?: boolean;
  /** `Countersign <access@example.com>` */
  from: string;
  /** Milliseconds to connect, to be greeted and of silence; one mail may take four times as long in all. Default 10 s. */
  timeoutMilliseconds?: number;
}

/** A 5xx to these is about this mail. At any other (greeting, sign-in) it is about our set-up, which gets repaired. */
const commandsAboutTheMail = new Set(['MAIL FROM', 'RCPT TO', 'DATA', 'BDAT']);

/** Nodemailer's errors quote the server, and servers quote addresses: only codes are taken over. */
function classified(error: unknown): MailUndeliverableError | MailDeliveryError {
  const { responseCode, command, code, permanent } = (error ?? {}) as {
    responseCode?: number;
    command?: string;
    code?: string;
    permanent?: boolean;
  };
  const failure = { responseCode, command, code };
  return permanent === true && command !== undefined && commandsAboutTheMail.has(command)
    ? new MailUndeliverableError(failure)
    : new MailDeliveryError(failure);
}

/** Opens no connection yet: the first mail, or `verify`, does. */
export function createMailSender({
  smtpUrl,
  requireTls = false,
  from,
  timeoutMilliseconds = 10_000,
}: MailSenderOptions): MailSender {
  const transport = createTransport({
    url: requireTls ? throughTlsOnly(smtpUrl) : smtpUrl,
    pool: true,
    maxConnections: 5,
    // Retrying is the caller's: after a lost answer to DATA a silent second try would be a second mail.
    maxRequeues: 0,
    idleTimeout: 30_000,
    dnsTimeout: timeoutMilliseconds,
    connectionTimeout: timeoutMilliseconds,
    greetingTimeout: timeoutMilliseconds,
    socketTimeout: timeoutMilliseconds,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    async send({ to, kind, messageId, subject, html, text }, { withinMilliseconds = timeoutMilliseconds * 4 } = {}) {
      if (!singleMailbox.test(to)) throw new MailUndeliverableError({ code: 'EENVELOPE' });
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: to },
          messageId,
          subject,
          html,
          text,
          headers: {
            'X-Countersign-Mail': kind,
            // RFC 3834: no out-of-office answers; the second is what Exchange looks at.
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'All',
          },
          // The socket's timeout counts silence only; a server that trickles is stopped by this one.
          signal: AbortSignal.timeout(withinMilliseconds),
        });
      } catch (error) {
        throw classified(error);
      }
    },
    async verify() {
      try {
        await transport.verify();
      } catch (error) {
        throw classified(error);
      }
    },
    close() {
      transport.close();
    },
  };
}

/** Said in the address, whose own word would win over an option. */
function throughTlsOnly(smtpUrl: string): string {
  const url = new URL(smtpUrl);
  url.searchParams.set('requireTLS', 'true');
  return url.href;
}
