import { LockMode } from '@mikro-orm/postgresql';
import { dueNotice, longestTermDays, termEnd } from '#access';
import { Refusal } from '#contracts';
import {
  CustomerAssignment,
  ExternalAdministratorRequest,
  Membership,
  type EntityManager,
  type Organization,
} from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { recordForBoth } from './record.ts';
import { externalRoleOf, toldOfExternalMembership } from './role.ts';

const termDaysOf = ({ policy }: Pick<Organization, 'policy'>): number | null =>
  policy['externalAdministratorTermDays'] ?? null;

/** The end that was wished for, where the customer's term allows it; its term stands for none. */
export function endWithinTerm(customer: Pick<Organization, 'policy'>, wished: Date | null, now: Date): Date | null {
  const days = termDaysOf(customer);
  if (days === null) return wished;
  const latest = termEnd(now, days);
  if (wished === null) return latest;
  if (wished <= latest) return wished;
  throw new Refusal('term_out_of_bounds', {
    latest: latest.toISOString(),
    errors: [{ pointer: '/until', message: `At the latest ${latest.toISOString()}` }],
  });
}

/** Whether this is an end that nobody named and a term gave: whole days after the decision. */
export function isByTerm(until: Date, decidedAt: Date | null | undefined): boolean {
  if (!decidedAt) return false;
  const days = (until.getTime() - decidedAt.getTime()) / 86_400_000;
  return Number.isInteger(days) && days >= 1 && days <= longestTermDays;
}

/** A new term for those who are there already: nobody administers for longer than from now on anybody does. */
export async function applyExternalTerm(
  decision: Decision,
  customer: Organization,
  by: string,
  now: Date,
): Promise<void> {
  const { em } = decision;
  const until = endWithinTerm(customer, null, now);
  if (!until) return;
  const memberships = await em.find(
    Membership,
    {
      organizationId: customer.id,
      kind: 'external',
      removedAt: null,
      relationshipId: { $ne: null },
      $or: [{ until: null }, { until: { $gt: until } }],
    },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { id: 'asc' }, refresh: true },
  );
  for (const membership of memberships) {
    const request = await em.findOne(ExternalAdministratorRequest, { membershipId: membership.id });
    if (!request) continue;
    const isProvisioning =
      (await em.count(CustomerAssignment, { membershipId: membership.id, source: 'service_setup' })) > 0;
    const role = externalRoleOf(membership, isProvisioning);
    const before = { role, until: membership.until ?? null };
    membership.until = until;
    membership.noticedDays = null;
    recordForBoth(decision, request, {
      verb: 'changed',
      by,
      facts: { memberId: membership.id, before, after: { role, until }, cause: 'term' },
      standing: toldOfExternalMembership(membership, role, request.partnerId),
      at: now,
    });
    await decision.nudge('externalAdministrator', request.id);
  }
}

/** Has both sides told that an external administrator's time is nearly over. Guarded, harmless to repeat. */
export async function noticeExternalEnd(decision: Decision, membershipId: string): Promise<void> {
  const { em } = decision;
  const membership = await lockRow(em, Membership, { id: membershipId });
  if (!membership?.until || membership.removedAt) return;
  const request = await em.findOne(ExternalAdministratorRequest, { membershipId });
  const now = await decision.now();
  const days = dueNotice(membership.until, membership.noticedDays ?? null, now);
  if (days === null) return;
  membership.noticedDays = days;
  // Of an access that was never meant to last as long nobody is told as soon as it begins.
  const lasts = membership.until.getTime() - membership.createdAt.getTime() > days * 86_400_000;
  if (!request || !lasts) return;
  const event = decision.record({
    action: 'external-administrator.ends-soon',
    organizationIds: [membership.organizationId, request.partnerId],
    subject: { kind: 'external-administrator', id: request.id },
    facts: { days, memberId: membershipId, until: membership.until },
    at: now,
  });
  await decision.nudge('membershipNotice', event.id);
}

/** External administrators whose end comes near enough to tell, the first to end first. */
export async function findExternalEnds(em: EntityManager, limit: number): Promise<string[]> {
  const rows = await em.execute<{ id: string }[]>(
    `select id from membership, lateral (select clock_timestamp() as now) as moment
      where removed_at is null and until is not null and kind = 'external' and until > now
        and until <= now + interval '31 days'
        and coalesce(noticed_days, 400) > case when until <= now + interval '1 day' then 1
                                               when until <= now + interval '7 days' then 7 else 31 end
      order by until limit ?`,
    [limit],
  );
  return rows.map(({ id }) => id);
}
