import { Refusal } from '#contracts';
import { authenticatorUri, newAuthenticatorSecret, seal, timeStepOf, unseal, type Principal } from '#identity';
import { AuthenticatorApp } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { ensureRecoveryCodes } from '../recovery-code/renew.ts';
import { forgetProofs } from '../session/forget-proofs.ts';
import { recordForPerson } from '../session/record-for-person.ts';
import { requireOwnFactors } from '../session/require-own-factors.ts';

type Person = Principal & { kind: 'account' };

/** A new secret for the person's app; it counts for nothing until its digits were shown. */
export async function beginAuthenticatorApp(
  decision: Decision,
  person: Person,
): Promise<{ secret: string; uri: string }> {
  const { em, settings } = decision;
  await requireOwnFactors(em, person);
  const present = await lockRow(em, AuthenticatorApp, { accountId: person.accountId });
  if (present?.confirmedAt) throw new Refusal('authenticator_app_present');
  const secret = newAuthenticatorSecret();
  const sealedSecret = seal(settings.sealingKeys, secret);
  if (present) present.sealedSecret = sealedSecret;
  else em.create(AuthenticatorApp, { accountId: person.accountId, sealedSecret });
  await em.flush();
  return { secret, uri: authenticatorUri(secret, person.email) };
}

/** The first digits of the app show that it works; with the first way beside a password come recovery codes. */
export async function confirmAuthenticatorApp(
  decision: Decision,
  person: Person,
  code: string,
): Promise<{ recoveryCodes: string[] | null }> {
  const { em, settings } = decision;
  await requireOwnFactors(em, person);
  const app = await lockRow(em, AuthenticatorApp, { accountId: person.accountId, confirmedAt: null });
  if (!app) throw new Refusal('not_found');
  const now = await decision.now();
  const step = timeStepOf(unseal(settings.sealingKeys, app.sealedSecret), code, { now, after: null });
  if (step === null) throw new Refusal('second_factor_wrong');
  app.confirmedAt = now;
  app.lastTimeStep = step;
  await em.flush();
  const recoveryCodes = await ensureRecoveryCodes(em, person.accountId);
  await recordForPerson(decision, person, 'authenticator-app.enrolled', {});
  return { recoveryCodes };
}

/** Takes the app away. */
export async function removeAuthenticatorApp(decision: Decision, person: Person): Promise<void> {
  const { em } = decision;
  await requireOwnFactors(em, person);
  if ((await em.nativeDelete(AuthenticatorApp, { accountId: person.accountId })) === 0) throw new Refusal('not_found');
  await forgetProofs(em, person.accountId);
  await recordForPerson(decision, person, 'authenticator-app.removed', {});
}
