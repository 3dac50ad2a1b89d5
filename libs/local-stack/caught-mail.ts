import { randomUUID } from 'node:crypto';
import { simpleParser } from 'mailparser';

/** A mail the catcher accepted. */
export interface CaughtMail {
  readonly id: string;
  /** Every recipient of the envelope, in lower case. */
  readonly to: readonly string[];
  /** Sender of the envelope, in lower case. */
  readonly from: string;
  readonly subject: string;
  /** The X-Countersign-Mail header, such as `elevation.requested`; empty where it is missing. */
  readonly kind: string;
  readonly messageId: string;
  readonly html: string;
  readonly text: string;
  /** All headers by their lower-case name; of a repeated one the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** UTC, ISO 8601. */
  readonly receivedAt: string;
}

/** What a mail has to be; what is left out doesn't matter. */
export interface MailMatch {
  /** One of the recipients, in any case. */
  readonly to?: string;
  readonly kind?: string;
  readonly subject?: string | RegExp;
  readonly messageId?: string;
  /** Only mails that came later than this mail, or at this moment and later. */
  readonly after?: CaughtMail | Date;
}

/** Parses what came over the wire (RFC 5322). */
export async function parseMail(
  source: Buffer,
  envelope: { from: string; to: readonly string[] },
): Promise<CaughtMail> {
  const parsed = await simpleParser(source, { skipImageLinks: true });
  const headers: Record<string, string> = {};
  for (const { key, line } of parsed.headerLines) {
    headers[key] = line
      .slice(line.indexOf(':') + 1)
      .replaceAll(/\r?\n\s+/g, ' ')
      .trim();
  }
  return {
    id: randomUUID(),
    to: envelope.to.map((address) => address.toLowerCase()),
    from: envelope.from.toLowerCase(),
    subject: parsed.subject ?? '',
    kind: headers['x-countersign-mail'] ?? '',
    messageId: parsed.messageId ?? '',
    html: parsed.html || '',
    text: parsed.text ?? '',
    headers,
    receivedAt: new Date().toISOString(),
  };
}

/** The first of the mails, oldest first, that matches. */
export function findMail(mails: readonly CaughtMail[], match: MailMatch): CaughtMail | undefined {
  const { after } = match;
  const later =
    after === undefined || after instanceof Date
      ? mails.filter((mail) => after === undefined || mail.receivedAt >= after.toISOString())
      : mails.slice(mails.findIndex(({ id }) => id === after.id) + 1);
  return later.find(
    (mail) =>
      (match.to === undefined || mail.to.includes(match.to.toLowerCase())) &&
      (match.kind === undefined || mail.kind === match.kind) &&
      (match.messageId === undefined || mail.messageId === match.messageId) &&
      (match.subject === undefined ||
        (typeof match.subject === 'string' ? mail.subject.includes(match.subject) : match.subject.test(mail.subject))),
  );
}
