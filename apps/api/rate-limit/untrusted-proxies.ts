import { Logger } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { CompleteConfig } from '#config';
import { isPublicAddress } from '#outbound';

const logger = new Logger('proxies');
const sayAgainMilliseconds = 3600_000;

/** Behind a proxy that is not named, everybody is one network: one of them uses up the tries of all. */
const consequence =
  'Whoever comes through a proxy that is not named there counts as the proxy itself, and shares its limits with all others.';

/** What listens is plain http, so who opens https comes through a proxy; said at the start, where it can be mended. */
export function warnOfUnnamedProxies({ publicUrl, trustedProxies }: CompleteConfig): void {
  if (publicUrl.startsWith('https:') && trustedProxies.length === 0)
    logger.warn(`PUBLIC_URL is https, yet TRUSTED_PROXIES names no proxy. ${consequence}`);
}

/** Says, at most once an hour, that somebody who is not trusted forwards for others: a proxy that was forgotten, or a client that lies. */
export function watchForwarding(isTrusted: (address: string, hop: number) => boolean) {
  const said = new Map<string, number>();
  return ({ headers, socket }: Request, _response: Response, next: NextFunction): void => {
    const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
    // An IPv4 address in IPv6 form is the IPv4 address.
    const peer = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '');
    if (isForwarded && peer !== undefined && !isTrusted(peer, 0)) {
      // A proxy of one's own has an inner address; who comes from the outside is nobody's to write down.
      const who = isPublicAddress(peer) ? 'an address outside' : peer;
      const now = performance.now();
      if (now - (said.get(who) ?? -Infinity) >= sayAgainMilliseconds && said.size < 100) {
        said.set(who, now);
        logger.warn(
          `X-Forwarded-For from ${who}, which TRUSTED_PROXIES does not name, is not believed. ${consequence}`,
        );
      }
    }
    next();
  };
}
