import type { z } from 'zod';
import type { WrittenEvent } from '#audit';
import { apiKeyTerms, mayManageScimTokens, mayProvision, organizationSight, type DirectoryRole } from '#access';
import {
  Refusal,
  type CreateScimToken,
  type RotateScimToken,
  type ScimTokenView,
  type scimTokenQuery,
} from '#contracts';
import { newToken, tokenDigest } from '#identity';
import { Account, databaseNow, ScimToken, type EntityManager } from '#persistence';
import { after, endOf } from '../api-key/end-of.ts';
import type { Actor, Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSight, requireSightFor } from '../organization/sight.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { unconditionally, type Precondition } from '../precondition.ts';
import { refuseAct, type PrivilegedAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';
import { tellMember } from '../membership/tell-member.ts';
import { answersFor } from './directory.ts';

export interface MadeScimToken {
  view: ScimTokenView;
  token: string;
}

/** A token for the organization's directory. The Owners and full administrators are mailed; the token is told this once. */
export async function createScimToken(
  decision: Decision,
  organizationId: string,
  { name, workspaceRole, expiresAt }: CreateScimToken,
): Promise<MadeScimToken> {
  const { em } = decision;
  const act = actOn('scim-token.created', organizationId, { kind: 'organization', id: organizationId });
  const { by, now, accountId } = await judge(decision, organizationId, act, workspaceRole);
  const token = newToken('cs_scim');
  const row = em.create(ScimToken, {
    organizationId,
    name,
    tokenDigest: tokenDigest(token),
    workspaceRole,
    responsibleId: accountId,
    expiresAt: endOf({ expiresAt }, now),
    createdAt: now,
  });
  await em.flush();
  const event = decision.record({
    ...act,
    by,
    subject: subjectOf(row),
    facts: { workspaceRole, expiresAt: row.expiresAt },
    personal: { names: { [row.id]: name } },
    at: now,
  });
  await tellAll(decision, event);
  return { view: await viewToken(em, row, now), token };
}

/** A new token for the same directory, for whoever could make it; from now on they answer for it. */
export async function rotateScimToken(
  decision: Decision,
  organizationId: string,
  tokenId: string,
  { overlapSeconds = apiKeyTerms.overlap, expiresAt }: RotateScimToken,
  precondition: Precondition = unconditionally,
): Promise<MadeScimToken> {
  const { em } = decision;
  const act = actOn('scim-token.rotated', organizationId, { kind: 'scim-token', id: tokenId });
  const row = await lockRow(em, ScimToken, { id: tokenId, organizationId });
  const { by, now, accountId } = await judge(decision, organizationId, act, row?.workspaceRole ?? 'restricted');
  if (!row) throw new Refusal('not_found');
  await precondition(() => viewToken(em, row, now));
  if (row.revokedAt) throw new Refusal('scim_token_over');

  const token = newToken('cs_scim');
  const overlapEnd = after(now, overlapSeconds);
  em.assign(row, {
    formerTokenDigest: row.tokenDigest,
    // What had expired is not brought back by the overlap.
    formerTokenUntil: overlapEnd < row.expiresAt ? overlapEnd : row.expiresAt,
    formerResponsibleId: row.responsibleId,
    tokenDigest: tokenDigest(token),
    responsibleId: accountId,
    expiresAt: endOf({ expiresAt }, now),
  });
  await em.flush();
  const { formerTokenUntil } = row;
  const event = decision.record({ ...act, by, facts: { expiresAt: row.expiresAt, formerTokenUntil }, at: now });
  await tellAll(decision, event);
  return { view: await viewToken(em, row, now), token };
}

/** The directory is out at once; revoking again changes nothing. */
export async function revokeScimToken(
  decision: Decision,
  organizationId: string,
  tokenId: string,
  precondition: Precondition = unconditionally,
): Promise<void> {
  const { em } = decision;
  const act = actOn('scim-token.revoked', organizationId, { kind: 'scim-token', id: tokenId });
  const { by, now } = await judge(decision, organizationId, act, null);
  const row = await lockRow(em, ScimToken, { id: tokenId, organizationId });
  if (!row) throw new Refusal('not_found');
  await precondition(() => viewToken(em, row, now));
  if (row.revokedAt) return;
  row.revokedAt = now;
  await tellAll(decision, decision.record({ ...act, by, at: now }));
}

export async function listScimTokens(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { limit, cursor }: z.infer<typeof scimTokenQuery>,
): Promise<{ items: ScimTokenView[]; nextCursor: string | null }> {
  const now = await requireManager(em, actor, organizationId);
  const rows = await em.find(
    ScimToken,
    { organizationId, ...(cursor && { id: { $lt: decodeCursor(cursor) } }) },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  const items: ScimTokenView[] = [];
  for (const row of kept) items.push(await viewToken(em, row, now));
  return { items, nextCursor };
}

export async function readScimToken(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  tokenId: string,
): Promise<ScimTokenView> {
  const now = await requireManager(em, actor, organizationId);
  const row = await em.findOne(ScimToken, { id: tokenId, organizationId });
  if (!row) throw new Refusal('not_found');
  return viewToken(em, row, now);
}

const actOn = (action: string, organizationId: string, subject: PrivilegedAct['subject']): PrivilegedAct => ({
  action,
  organizationIds: [organizationId],
  subject,
});

const subjectOf = ({ id }: ScimToken) => ({ kind: 'scim-token', id });

/** A person at home, in a session, freshly proven where the organization asks for it. */
async function judge(
  decision: Decision,
  organizationId: string,
  act: PrivilegedAct,
  /** What the directory's people are to be invited with; null where a token only ends. */
  role: DirectoryRole | null,
): Promise<{ by: string; now: Date; accountId: string }> {
  const { em, actor } = decision;
  const now = await decision.now();
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  if (actor.kind !== 'account' || !actor.id) return refuseAct(act, 'authentication_is_the_tenants_own');
  const ruling = role === null ? mayManageScimTokens(subject, target, now) : mayProvision(subject, target, role, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  const missing = await missingProof(decision, organizationId, now);
  if (missing) return refuseAct(act, 'step_up_required', missing);
  return { by: ruling.by, now, accountId: actor.id };
}

async function requireManager(em: EntityManager, actor: Actor, organizationId: string): Promise<Date> {
  const now = await databaseNow(em);
  const { subject, target } = await requireSight(em, actor, organizationId, organizationSight, now);
  const ruling = mayManageScimTokens(subject, target, now);
  if (actor.kind !== 'account' || !ruling.allowed) throw new Refusal('authentication_is_the_tenants_own');
  return now;
}

/** Everybody who could decide it is mailed in the transaction that changes it. */
const tellAll = (decision: Decision, event: WrittenEvent): Promise<void> => tellMember(decision, event, null);

async function viewToken(em: EntityManager, row: ScimToken, now: Date): Promise<ScimTokenView> {
  const responsible = await em.findOne(Account, { id: row.responsibleId });
  return {
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    workspaceRole: row.workspaceRole,
    status: await statusOf(em, row, now),
    responsible: { id: row.responsibleId, displayName: responsible?.displayName ?? '' },
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    formerTokenUntil: row.formerTokenUntil?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}

async function statusOf(em: EntityManager, row: ScimToken, now: Date): Promise<ScimTokenView['status']> {
  if (row.revokedAt) return 'revoked';
  if (row.expiresAt <= now) return 'expired';
  return (await answersFor(em, row, row.responsibleId, now)) ? 'active' : 'suspended';
}
