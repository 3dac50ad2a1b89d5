import type { Principal } from '#identity';
import type { Decision } from '../decision.ts';
import { organizationsToTell } from '../password/organizations-to-tell.ts';

/** Tells of a change in how a person signs in, on the trail of each organization it concerns, each apart. */
export async function recordForPerson(
  decision: Decision,
  { accountId }: Pick<Principal & { kind: 'account' }, 'accountId'>,
  action: string,
  facts: Record<string, unknown>,
): Promise<void> {
  const at = await decision.now();
  for (const organizationId of await organizationsToTell(decision.em, accountId))
    decision.record({
      action,
      organizationIds: [organizationId],
      subject: { kind: 'account', id: accountId },
      facts,
      at,
    });
  await decision.em.flush();
}
