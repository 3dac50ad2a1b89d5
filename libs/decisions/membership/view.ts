import { appTrayAccess, isActive, isWellFounded } from '#access';
import { Refusal, type MemberView } from '#contracts';
import type { Decision } from '../decision.ts';
import { viewProvenance } from './view-provenance.ts';
import { Account, nobodyOf, loadSubjects, loadTarget, type EntityManager, type Membership } from '#persistence';

/** Event Scheduler has no roles of its own: its level follows the workspace role. */
const schedulerLevels = { none: 'none', given: 'none', read: 'read', all: 'write' } as const;

/** Members as the API shows them; an ended external membership says so. */
export async function viewMembers(
  em: EntityManager,
  organizationId: string,
  rows: readonly Membership[],
  now: Date,
): Promise<MemberView[]> {
  const accounts = new Map(
    (await em.find(Account, { id: { $in: rows.map((row) => row.accountId) } })).map((account) => [account.id, account]),
  );
  const subjects = new Map(
    (
      await loadSubjects(
        em,
        rows.map((row) => row.accountId),
      )
    ).map((subject) => [subject.accountId, subject]),
  );
  const target = await loadTarget(em, organizationId);
  const provenance = await viewProvenance(em, rows);
  const partnerIds = (target?.relationships ?? [])
    .filter((relationship) => isActive(relationship, now))
    .map(({ partnerId }) => partnerId);
  return rows.map((row): MemberView => {
    const account = accounts.get(row.accountId);
    const subject = subjects.get(row.accountId) ?? nobodyOf(row.accountId);
    const own = subject.memberships.find((membership) => membership.id === row.id);
    const tray = target && appTrayAccess(subject, target, now);
    return {
      id: row.id,
      account: { id: row.accountId, displayName: account?.displayName ?? '', email: account?.email ?? '' },
      kind: row.kind,
      workspaceRole: row.workspaceRole ?? null,
      administratorRoles: row.administratorRoles,
      derivedRoles: own?.provisioningCustomerIds.length ? ['provisioning_administrator'] : [],
      decryptLogs: row.decryptLogs,
      scope: row.scope,
      appTray: { ...row.appTray, eventScheduler: schedulerLevels[tray?.level ?? 'none'] },
      customerIds: [...(own?.assignedCustomerIds ?? [])],
      until: row.until?.toISOString() ?? null,
      status: row.until && row.until <= now ? 'ended' : 'active',
      createdAt: row.createdAt.toISOString(),
      provenance: provenance.get(row.id) ?? [],
      confirmed:
        row.kind === 'home' && row.administratorRoles.includes('full_administrator')
          ? isWellFounded(own?.appointments ?? [], partnerIds)
          : null,
    };
  });
}

/** The member as the deciding transaction leaves it. */
export async function viewMember({ em, now }: Decision, row: Membership): Promise<MemberView> {
  await em.flush();
  const [view] = await viewMembers(em, row.organizationId, [row], await now());
  if (!view) throw new Refusal('not_found');
  return view;
}
