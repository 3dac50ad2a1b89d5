import { createHash } from 'node:crypto';

export interface MessageIdParts {
  kind: string;
  /** Id of the request, invite, grant or account that the mail is about. */
  rowId: string;
  /** Whom it goes to: an account id, or the address of somebody without an account. */
  accountOrAddressKey: string;
  /** Distinguishes a wanted second mail (resend, reminder number) from a retry of the same one. */
  version: number | string;
}

const hostName = /^(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/i;

/**
 * The Message-ID of one mail to one recipient. A retry gets the same id, so that receiving servers can drop the double.
 * Only a digest of the parts goes in; the random row id keeps an address from being found by trial.
 *
 * @throws TypeError if the domain isn't a host name
 */
export function messageIdFor(parts: MessageIdParts, domain: string): string {
  if (!hostName.test(domain)) throw new TypeError('The domain of a Message-ID is a host name');
  // JSON keeps the borders between the parts: ("a", "bc") and ("ab", "c") differ.
  const canonical = JSON.stringify([
    parts.kind,
    parts.rowId,
    parts.accountOrAddressKey.toLowerCase(),
    String(parts.version),
  ]);
  return `<${createHash('sha256').update(canonical).digest('hex').slice(0, 40)}@${domain.toLowerCase()}>`;
}
