import { Refusal } from '#contracts';
import { databaseNow, SignInStep, type EntityManager, type SignInStepPurpose } from '#persistence';
import { newToken, tokenDigest } from './tokens.ts';

/** Long enough to find the phone. */
const validMilliseconds = 10 * 60_000;

export interface OpenedStep {
  step: string;
  expiresAt: Date;
}

/** Notes that something is half done, and gives the token with which it goes on. */
export async function openSignInStep(
  em: EntityManager,
  {
    purpose,
    accountId,
    challenge = null,
  }: { purpose: SignInStepPurpose; accountId: string | null; challenge?: string | null },
): Promise<OpenedStep> {
  const step = newToken('cs_step');
  const now = await databaseNow(em);
  const expiresAt = new Date(now.getTime() + validMilliseconds);
  await em.execute(
    `delete from sign_in_step where token_digest in (
       select token_digest from sign_in_step where expires_at < ? limit 100 for update skip locked)`,
    [now],
  );
  em.create(SignInStep, { tokenDigest: tokenDigest(step), purpose, accountId, challenge, expiresAt });
  await em.flush();
  return { step, expiresAt };
}

export type StepUnderWay = Pick<SignInStep, 'accountId' | 'challenge'>;

/** Uses the step up, whatever comes of it: a challenge is answered once. Commit before judging the answer. */
export async function takeSignInStep(
  em: EntityManager,
  step: string,
  purpose: SignInStepPurpose,
): Promise<StepUnderWay & { challenge: string }> {
  const [taken] = await em.execute<(StepUnderWay & { live: boolean })[]>(
    `delete from sign_in_step where token_digest = ? and purpose = ?
     returning account_id as "accountId", challenge, expires_at > clock_timestamp() as live`,
    [tokenDigest(step), purpose],
  );
  if (!taken?.live || !taken.challenge) throw new Refusal('sign_in_step_lost');
  return { accountId: taken.accountId, challenge: taken.challenge };
}
