import { createHmac, randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { deriveKeys, type CompleteConfig } from '#config';
import { normalizeLogin } from '#contracts';
import { sameSecret } from '#identity';
import { cookieOf, setCookie } from '../console/session-cookie.ts';

const cookie = 'countersign-device';
const form = /^([\w-]{22})\.([\w-]{43})$/;
const keptMilliseconds = 180 * 24 * 3600_000;

type DeviceConfig = Pick<CompleteConfig, 'publicUrl' | 'payloadKeys'>;

/**
 * The browser, where this very login has shown the right password in it before. Its tries in vain are counted apart, so that
 * neither a stranger who guesses at the name nor one behind the same proxy shuts its person out. It opens nothing by itself.
 */
export function knownDeviceOf(request: Request, login: string, config: DeviceConfig): string | undefined {
  const [, device = '', signature = ''] = form.exec(cookieOf(request, cookie, config) ?? '') ?? [];
  return signaturesOf(device, login, config).some((one) => sameSecret(signature, one)) ? device : undefined;
}

/** To be called when the password was right. */
export function rememberDevice(request: Request, response: Response, login: string, config: DeviceConfig): void {
  const device = knownDeviceOf(request, login, config) ?? randomBytes(16).toString('base64url');
  const [signature] = signaturesOf(device, login, config);
  const value = `${device}.${signature}`;
  setCookie(response, cookie, value, config, new Date(Date.now() + keptMilliseconds));
}

/** By each of the keys, the first of which signs. */
function signaturesOf(device: string, login: string, { payloadKeys }: DeviceConfig): string[] {
  return deriveKeys(payloadKeys, 'known-devices').map((key) =>
    createHmac('sha256', key)
      .update(`${device} ${normalizeLogin(login)}`)
      .digest('base64url'),
  );
}
