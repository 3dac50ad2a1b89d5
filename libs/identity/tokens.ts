import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Keys } from '#config';

/** 256 random bits with a prefix that names the kind, so that a leaked one is recognised. */
export function newToken(prefix: 'cs_session' | 'cs_key' | 'cs_code' | 'cs_step' | 'cs_scim'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** What is stored instead of a token. Tokens are random, so a plain hash suffices. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/**
 * The one of the tokens that is right: the one whose digest was kept, where one of these keys made it, so that a mail that
 * goes out again after the keys have changed says the same; else a new one, by the first key.
 */
function tokenBy(keys: Keys, make: (key: Buffer) => string, digest: string | null | undefined): string {
  const others = keys.slice(1).map(make);
  return others.find((token) => tokenDigest(token) === digest) ?? make(keys[0]);
}

/**
 * The same invite and version give the same link: a mail that is sent again says the same, a resend says another.
 * @param digest what is stored of it, where it was made before
 */
export const inviteToken = (keys: Keys, inviteId: string, linkVersion: number, digest?: string | null): string =>
  tokenBy(keys, (key) => inviteTokenBy(key, inviteId, linkVersion), digest);

function inviteTokenBy(key: Buffer, inviteId: string, linkVersion: number): string {
  const signature = createHmac('sha256', key).update(`invite:${inviteId}:${linkVersion}`).digest('base64url');
  return `cs_invite_${Buffer.from(inviteId.replaceAll('-', ''), 'hex').toString('base64url')}_${signature}`;
}

/** Whether this link was ever sent for that version, by whichever key. */
export const isInviteToken = (token: string, keys: Keys, inviteId: string, linkVersion: number): boolean =>
  keys.some((key) => sameSecret(token, inviteTokenBy(key, inviteId, linkVersion)));

/** Made when the mail goes out and whenever it goes out again; what is stored of it is a digest. */
export const resetToken = (keys: Keys, resetId: string, digest?: string | null): string =>
  tokenBy(
    keys,
    (key) => `cs_reset_${createHmac('sha256', key).update(`password-reset:${resetId}`).digest('base64url')}`,
    digest,
  );

/** For the mails about another address: one to the mailbox that is, one to the one that will be. */
export const addressToken = (keys: Keys, changeId: string, side: 'old' | 'new', digest?: string | null): string =>
  tokenBy(
    keys,
    (key) => `cs_address_${createHmac('sha256', key).update(`address-change:${side}:${changeId}`).digest('base64url')}`,
    digest,
  );

/** The invite a token speaks of, whether the token is right or not; null where it is no invite token at all. */
export function inviteIdOf(token: string): string | null {
  return idIn(/^cs_invite_([\w-]{22})_[\w-]{43}$/.exec(token)?.[1]);
}

/** For the mail that offers to connect a provider's identity: the event that recorded the offer is what it speaks of. */
export const linkToken = ([key]: Keys, eventId: string): string => linkTokenBy(key, eventId);

export const isLinkToken = (token: string, keys: Keys, eventId: string): boolean =>
  keys.some((key) => sameSecret(token, linkTokenBy(key, eventId)));

function linkTokenBy(key: Buffer, eventId: string): string {
  const signature = createHmac('sha256', key).update(`single-sign-on-link:${eventId}`).digest('base64url');
  return `cs_link_${Buffer.from(eventId.replaceAll('-', ''), 'hex').toString('base64url')}_${signature}`;
}

export function eventIdOfLink(token: string): string | null {
  return idIn(/^cs_link_([\w-]{22})_[\w-]{43}$/.exec(token)?.[1]);
}

function idIn(encoded: string | undefined): string | null {
  if (!encoded) return null;
  const hex = Buffer.from(encoded, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export function sameSecret(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
