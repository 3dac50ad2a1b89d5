import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { Refusal } from '#contracts';
import {
  enrolmentOptions,
  openSignInStep,
  readEnrolment,
  takeSignInStep,
  type EnrolmentOptions,
  type Principal,
  type RelyingParty,
} from '#identity';
import { asSystem, Passkey, type Database } from '#persistence';
import type { Decision } from '../decision.ts';
import { ensureRecoveryCodes } from '../recovery-code/renew.ts';
import { forgetProofs } from '../session/forget-proofs.ts';
import { recordForPerson } from '../session/record-for-person.ts';
import { requireOwnFactors } from '../session/require-own-factors.ts';

type Person = Principal & { kind: 'account' };

const most = 20;

/** What the device needs to make a passkey for the person, and the step to send its answer with. */
export async function beginPasskeyEnrolment(
  database: Database,
  person: Person,
  party: RelyingParty,
): Promise<{ step: string; options: EnrolmentOptions }> {
  return database.transaction(asSystem, async (em) => {
    await requireOwnFactors(em, person);
    const present = await em.find(Passkey, { accountId: person.accountId });
    if (present.length >= most) throw new Refusal('passkey_limit_reached', { maximum: most });
    const options = await enrolmentOptions(
      party,
      { id: person.accountId, email: person.email, displayName: person.displayName },
      present,
    );
    const { step } = await openSignInStep(em, {
      purpose: 'passkey_enrolment',
      accountId: person.accountId,
      challenge: options.challenge,
    });
    return { step, options };
  });
}

/** Keeps the passkey the device has made. With the first way beside a password come recovery codes, shown once. */
export async function enrolPasskey(
  decision: Decision,
  person: Person,
  party: RelyingParty,
  { step, response, name }: { step: string; response: RegistrationResponseJSON; name: string },
): Promise<{ passkey: Passkey; recoveryCodes: string[] | null }> {
  const { em } = decision;
  await requireOwnFactors(em, person);
  const { accountId, challenge } = await takeSignInStep(em, step, 'passkey_enrolment');
  if (accountId !== person.accountId) throw new Refusal('sign_in_step_lost');
  const made = await readEnrolment(party, challenge, response);
  if ((await em.count(Passkey, { credentialId: made.credentialId })) > 0) throw new Refusal('passkey_invalid');
  const passkey = em.create(Passkey, { ...made, accountId, name });
  await em.flush();
  const recoveryCodes = await ensureRecoveryCodes(em, accountId);
  await recordForPerson(decision, person, 'passkey.enrolled', { passkeyId: passkey.id });
  return { passkey, recoveryCodes };
}

/** Takes a passkey away; what it signed in stays, as after a changed password one ends that oneself. */
export async function removePasskey(decision: Decision, person: Person, passkeyId: string): Promise<void> {
  const { em } = decision;
  await requireOwnFactors(em, person);
  const removed = await em.nativeDelete(Passkey, { id: passkeyId, accountId: person.accountId });
  if (removed === 0) throw new Refusal('not_found');
  await forgetProofs(em, person.accountId);
  await recordForPerson(decision, person, 'passkey.removed', { passkeyId });
}
