import { effectiveAccess as judgeEverything, organizationSight, type Matrices } from '#access';
import { Refusal, type EffectiveAccessView } from '#contracts';
import type { Principal } from '#identity';
import { Account, databaseNow, loadServiceSubject, loadSubject, loadTarget, type EntityManager } from '#persistence';
import { subjectInSession } from '../subject-of.ts';
import { mayAskAbout } from './may-ask.ts';

/**
 * What the caller, or somebody they administer, may do with every setting of the organization now, and why. 404 for an
 * organization or a person the caller may not see; members without a role are told that they may do nothing.
 */
export async function readEffectiveAccess(
  em: EntityManager,
  principal: Principal,
  organizationId: string,
  accountId: string | undefined,
  matrices?: Matrices,
): Promise<EffectiveAccessView> {
  const now = await databaseNow(em);
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const caller = await callerOf(em, principal);
  if (organizationSight(caller.subject, target, now) === 'hidden') throw new Refusal('not_found');
  const asked = accountId ?? caller.subject.accountId;
  if (accountId !== undefined && accountId !== caller.subject.accountId) {
    const person = await em.findOne(Account, { id: accountId });
    if (!person) throw new Refusal('not_found');
    if (!(await mayAskAbout(em, principal, accountId, organizationId, now))) throw new Refusal('forbidden');
  }
  const subject = asked === caller.subject.accountId ? caller.subject : await loadSubject(em, asked);
  const { settings, banner, manageUsers } = judgeEverything(subject, target, now, matrices);
  return {
    organizationId,
    accountId: asked === caller.subject.accountId ? caller.accountId : asked,
    settings: settings.map(({ setting, level, restriction, reasons }) => ({
      id: setting,
      level,
      ...(restriction && { restriction }),
      reasons: reasons.map(({ kind, id, until }) => ({ kind, id, ...(until && { until: until.toISOString() }) })),
    })),
    banner,
    manageUsers,
  };
}

async function callerOf(em: EntityManager, principal: Principal) {
  switch (principal.kind) {
    case 'account':
      return { accountId: principal.accountId, subject: await subjectInSession(em, principal) };
    case 'service':
      return { accountId: null, subject: await loadServiceSubject(em, principal.apiKeyId) };
    case 'support':
      // The bootstrap token reads no tenant data.
      throw new Refusal('forbidden');
  }
}
