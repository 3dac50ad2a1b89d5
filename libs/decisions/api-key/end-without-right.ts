import { mayGoOn } from '#access';
import { LockMode } from '@mikro-orm/postgresql';
import { ApiKey, loadSubject, loadTarget } from '#persistence';
import type { Affected, Cause } from '../affected.ts';
import type { Decision } from '../decision.ts';
import { tellMember } from '../membership/tell-member.ts';
import { rolesOf } from './state.ts';

/**
 * A key does nothing that the person it answers to could not give it today: it ends in the transaction that took their
 * right away. Of a key that somebody took over only the token ends that the former person knows.
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
      ...(accountId && { $or: [{ responsibleId: accountId }, { formerResponsibleId: accountId }] }),
      ...(customerId && { organizationId: customerId }),
    },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  for (const key of keys) {
    const now = await decision.now();
    const target = await loadTarget(em, key.organizationId);
    const mayStill = async (id: string) =>
      target !== null && mayGoOn(await loadSubject(em, id), target, rolesOf(key), now);
    const record = (action: string, responsibleId: string) =>
      decision.record({
        action,
        organizationIds: [key.organizationId],
        subject: { kind: 'api-key', id: key.id },
        facts: { cause, responsibleId },
        at: now,
      });
    if (!(await mayStill(key.responsibleId))) {
      key.revokedAt = now;
      await tellMember(decision, record('api-key.ended', key.responsibleId), null);
    } else if (key.formerResponsibleId && key.formerTokenUntil && now < key.formerTokenUntil) {
      if (await mayStill(key.formerResponsibleId)) continue;
      key.formerTokenUntil = now;
      record('api-key.former-token-ended', key.formerResponsibleId);
    }
  }
  await em.flush();
}
