import type { InviteView } from '#contracts';
import { Account, MailDelivery, type EntityManager, type Invite } from '#persistence';
import type { Decision } from '../decision.ts';

export async function viewInvites(em: EntityManager, rows: readonly Invite[], now: Date): Promise<InviteView[]> {
  const inviters = await em.find(Account, {
    id: { $in: rows.flatMap((row) => (row.invitedById ? [row.invitedById] : [])) },
  });
  const deliveries = await em.find(
    MailDelivery,
    { rowId: { $in: rows.map((row) => row.id) } },
    { orderBy: { id: 'asc' } },
  );
  return rows.map((row): InviteView => {
    const inviter = inviters.find((account) => account.id === row.invitedById);
    const isOpen = row.status === 'pending' || row.status === 'failed';
    return {
      id: row.id,
      organizationId: row.organizationId,
      email: row.email,
      displayName: row.displayName ?? null,
      workspaceRole: row.workspaceRole ?? null,
      administratorRoles: row.administratorRoles,
      scope: row.scope,
      appTray: row.appTray,
      status: isOpen && row.expiresAt <= now ? 'expired' : row.status,
      invitedBy: inviter ? { id: inviter.id, displayName: inviter.displayName } : null,
      expiresAt: row.expiresAt.toISOString(),
      createdAt: row.createdAt.toISOString(),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      failure: row.failure ?? null,
      mails: deliveries
        .filter((delivery) => delivery.rowId === row.id && delivery.edition === row.linkVersion)
        .map(({ kind, status }) => ({ kind, status })),
    };
  });
}

/** The invite as the deciding transaction leaves it. */
export async function viewInvite({ em, now }: Decision, row: Invite): Promise<InviteView> {
  await em.flush();
  const [view] = await viewInvites(em, [row], await now());
  if (!view) throw new Error('An invite without a view');
  return view;
}
