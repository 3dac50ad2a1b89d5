import type { z } from 'zod';
import { mayManageApiKeys, organizationSight } from '#access';
import { Refusal, type apiKeyQuery, type ApiKeyView } from '#contracts';
import { Account, ApiKey, databaseNow, type EntityManager } from '#persistence';
import type { Actor } from '../decision.ts';
import { requireSight } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';

/** The organization's services, newest first, revoked ones included; never their tokens. */
export async function listApiKeys(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { limit, cursor }: z.infer<typeof apiKeyQuery>,
): Promise<{ items: ApiKeyView[]; nextCursor: string | null }> {
  await requireManager(em, actor, organizationId);
  const rows = await em.find(
    ApiKey,
    { organizationId, ...(cursor && { id: { $lt: decodeCursor(cursor) } }) },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewApiKeys(em, kept), nextCursor };
}

export async function readApiKey(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  apiKeyId: string,
): Promise<ApiKeyView> {
  await requireManager(em, actor, organizationId);
  const key = await em.findOne(ApiKey, { id: apiKeyId, organizationId });
  if (!key) throw new Refusal('not_found');
  return viewApiKey(em, key);
}

async function requireManager(em: EntityManager, actor: Actor, organizationId: string): Promise<void> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, organizationSight, now);
  if (!mayManageApiKeys(subject, target, now).allowed) throw new Refusal('may_not_manage_api_keys');
}

export async function viewApiKey(em: EntityManager, key: ApiKey): Promise<ApiKeyView> {
  const [view] = await viewApiKeys(em, [key]);
  if (!view) throw new Error('A key without a view');
  return view;
}

async function viewApiKeys(em: EntityManager, rows: readonly ApiKey[]): Promise<ApiKeyView[]> {
  const ids = rows.flatMap(({ createdByAccountId, responsibleId }) => [
    createdByAccountId ?? responsibleId,
    responsibleId,
  ]);
  const people = new Map((await em.find(Account, { id: { $in: ids } })).map((account) => [account.id, account]));
  const person = (id: string) => ({ id, displayName: people.get(id)?.displayName ?? '' });
  return rows.map((row) => ({
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    workspaceRole: row.workspaceRole ?? null,
    administratorRoles: row.administratorRoles,
    scopes: row.scopes,
    allowedNetworks: row.allowedNetworks,
    createdBy: row.createdByAccountId ? person(row.createdByAccountId) : null,
    responsible: person(row.responsibleId),
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    formerTokenUntil: row.formerTokenUntil?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  }));
}
