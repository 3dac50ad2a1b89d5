import type { z } from 'zod';
import { mayManageApiKeys } from '#access';
import { Refusal, type apiKeyQuery, type ApiKeyView } from '#contracts';
import { Account, ApiKey, databaseNow, loadTarget, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';

/** The organization's services, newest first, revoked ones included; never their tokens. */
export async function listApiKeys(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { limit, cursor }: z.infer<typeof apiKeyQuery>,
): Promise<{ items: ApiKeyView[]; nextCursor: string | null }> {
  const target = await loadTarget(em, organizationId);
  if (!target) throw new Refusal('not_found');
  const ruling = mayManageApiKeys(await subjectOf(em, actor), target, await databaseNow(em));
  if (!ruling.allowed) throw new Refusal('may_not_manage_api_keys');
  const rows = await em.find(
    ApiKey,
    { organizationId, ...(cursor && { id: { $lt: decodeCursor(cursor) } }) },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewApiKeys(em, kept), nextCursor };
}

export async function viewApiKeys(em: EntityManager, rows: readonly ApiKey[]): Promise<ApiKeyView[]> {
  const ids = rows.flatMap((row) => (row.createdByAccountId ? [row.createdByAccountId] : []));
  const creators = new Map((await em.find(Account, { id: { $in: ids } })).map((account) => [account.id, account]));
  return rows.map((row) => {
    const creator = creators.get(row.createdByAccountId ?? '');
    return {
      id: row.id,
      organizationId: row.organizationId,
      name: row.name,
      workspaceRole: row.workspaceRole ?? null,
      administratorRoles: row.administratorRoles,
      createdBy: creator ? { id: creator.id, displayName: creator.displayName } : null,
      createdAt: row.createdAt.toISOString(),
      revokedAt: row.revokedAt?.toISOString() ?? null,
    };
  });
}
