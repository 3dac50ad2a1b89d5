import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { passkeyAnswer, Refusal } from '#contracts';

/** What the page's script puts in: the device's answer as JSON. */
export const passkeyForm = z.object({
  passkeyStep: z.string().max(100).default(''),
  passkeyResponse: z.string().max(20_000).default(''),
});
type PasskeyForm = z.infer<typeof passkeyForm>;

/** @throws Refusal `passkey_invalid` for what no device has answered */
function answerIn({ passkeyStep, passkeyResponse }: PasskeyForm): { step: string; response: unknown } {
  let response: unknown;
  try {
    response = JSON.parse(passkeyResponse);
  } catch {
    throw new Refusal('passkey_invalid');
  }
  const { data } = passkeyAnswer.safeParse({ step: passkeyStep, response });
  if (!data) throw new Refusal('passkey_invalid');
  return data;
}

/** A proof by a passkey that is there. */
export const passkeyProof = (form: PasskeyForm) =>
  answerIn(form) as { step: string; response: AuthenticationResponseJSON };

/** A passkey that the device has just made. */
export const newPasskey = (form: PasskeyForm) => answerIn(form) as { step: string; response: RegistrationResponseJSON };
