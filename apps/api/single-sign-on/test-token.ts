import { z } from 'zod';
import { deriveKeys, type CompleteConfig } from '#config';
import { Refusal } from '#contracts';
import { seal, unseal } from '#identity';
import { storedProvider } from './transaction-cookie.ts';

const validMilliseconds = 10 * 60_000;

const providerTest = z.object({
  organizationId: z.string(),
  /** Who began, in a session of theirs, and may change how people sign in. */
  accountId: z.string(),
  sso: storedProvider,
  expiresAt: z.number(),
});
export type TestUnderWay = Omit<z.infer<typeof providerTest>, 'expiresAt'>;

const keysOf = ({ payloadKeys }: Pick<CompleteConfig, 'payloadKeys'>) => deriveKeys(payloadKeys, 'sso-tests');

/** Leads a browser through a provider that is not in use yet. Nothing is stored before somebody has come back. */
export function sealTest(test: TestUnderWay, config: Pick<CompleteConfig, 'payloadKeys'>, now: Date) {
  const expiresAt = new Date(now.getTime() + validMilliseconds);
  return { token: seal(keysOf(config), JSON.stringify({ ...test, expiresAt: expiresAt.getTime() })), expiresAt };
}

/** `sign_in_link_invalid` for a token that is too old or none of ours. */
export function openTest(token: string, config: Pick<CompleteConfig, 'payloadKeys'>, now: Date): TestUnderWay {
  try {
    const test = providerTest.parse(JSON.parse(unseal(keysOf(config), token)));
    if (test.expiresAt > now.getTime()) return test;
  } catch {
    // Broken or made up: as if it had run out.
  }
  throw new Refusal('sign_in_link_invalid');
}
