import { newRecoveryCodes, recoveryCodeDigest, type Principal } from '#identity';
import { RecoveryCode, type EntityManager } from '#persistence';
import type { Decision } from '../decision.ts';
import { recordForPerson } from '../session/record-for-person.ts';
import { requireOwnFactors } from '../session/require-own-factors.ts';

/** New codes, shown this once; the old ones are void. */
export async function renewRecoveryCodes(
  decision: Decision,
  person: Principal & { kind: 'account' },
): Promise<string[]> {
  const { em } = decision;
  await requireOwnFactors(em, person);
  const codes = await replaceCodes(em, person.accountId);
  await recordForPerson(decision, person, 'recovery-code.renewed', {});
  return codes;
}

/** Codes for somebody who has none; null where there are some left. */
export async function ensureRecoveryCodes(em: EntityManager, accountId: string): Promise<string[] | null> {
  return (await em.count(RecoveryCode, { accountId, usedAt: null })) > 0 ? null : replaceCodes(em, accountId);
}

async function replaceCodes(em: EntityManager, accountId: string): Promise<string[]> {
  await em.nativeDelete(RecoveryCode, { accountId });
  const codes = newRecoveryCodes();
  for (const code of codes) em.create(RecoveryCode, { accountId, codeDigest: recoveryCodeDigest(code) });
  await em.flush();
  return codes;
}
