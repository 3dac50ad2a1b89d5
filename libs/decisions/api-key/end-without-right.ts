import { mayCreateApiKey } from '#access';
import { LockMode } from '@mikro-orm/postgresql';
import { ApiKey, loadSubject, loadTarget } from '#persistence';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';

/**
 * A key does nothing that its maker could not give it today: it ends in the transaction that took the maker's right
 * away. A further decision of the maker's successors makes a new one.
 */
export async function endKeysWithoutRight(
  decision: Decision,
  { accountId, customerId }: Affected,
  cause: Cause,
): Promise<void> {
  if (!accountId && !customerId) return;
  const { em } = decision;
  const keys = await em.find(
    ApiKey,
    {
      revokedAt: null,
      ...(accountId ? { createdByAccountId: accountId } : { createdByAccountId: { $ne: null } }),
      ...(customerId && { organizationId: customerId }),
    },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  for (const key of keys) {
    const now = await decision.now();
    const target = await loadTarget(em, key.organizationId);
    const maker = key.createdByAccountId && (await loadSubject(em, key.createdByAccountId));
    const roles = { workspaceRole: key.workspaceRole ?? null, administratorRoles: key.administratorRoles };
    if (target && maker && mayCreateApiKey(maker, target, roles, now).allowed) continue;
    key.revokedAt = now;
    decision.record({
      action: 'api-key.ended',
      organizationIds: [key.organizationId],
      subject: { kind: 'api-key', id: key.id },
      facts: { cause, makerAccountId: key.createdByAccountId },
      at: now,
    });
  }
  await em.flush();
}
