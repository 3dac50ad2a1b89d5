import type { z } from 'zod';
import { mayManageExternalAdministrators } from '#access';
import { Refusal, type ExternalAdministratorView, type pageQuery } from '#contracts';
import {
  Account,
  CustomerAssignment,
  databaseNow,
  ExternalAdministratorRequest,
  Membership,
  Organization,
  Relationship,
  type EntityManager,
} from '#persistence';
import type { Actor } from '../decision.ts';
import { decodeCursor, pageOf } from '../page.ts';
import { subjectOf } from '../subject-of.ts';
import { externalRoleOf } from './role.ts';

/** The external administrators an organization has now, newest first, for its full administrators. */
export async function listExternalAdministrators(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  { limit, cursor }: z.infer<typeof pageQuery>,
): Promise<{ items: ExternalAdministratorView[]; nextCursor: string | null }> {
  const now = await databaseNow(em);
  await requireManagement(em, actor, organizationId, now);
  const rows = await em.find(
    Membership,
    {
      organizationId,
      kind: 'external',
      removedAt: null,
      $or: [{ until: null }, { until: { $gt: now } }],
      ...(cursor && { id: { $lt: decodeCursor(cursor) } }),
    },
    { orderBy: { id: 'desc' }, limit: limit + 1 },
  );
  const { rows: kept, nextCursor } = pageOf(rows, limit);
  return { items: await viewExternalAdministrators(em, kept), nextCursor };
}

export async function readExternalAdministrator(
  em: EntityManager,
  actor: Actor,
  organizationId: string,
  memberId: string,
): Promise<ExternalAdministratorView> {
  const now = await databaseNow(em);
  await requireManagement(em, actor, organizationId, now);
  const row = await em.findOne(Membership, { id: memberId, organizationId, kind: 'external', removedAt: null });
  const [view] = row && !(row.until && row.until <= now) ? await viewExternalAdministrators(em, [row]) : [];
  if (!view) throw new Refusal('not_found');
  return view;
}

async function requireManagement(em: EntityManager, actor: Actor, organizationId: string, now: Date): Promise<void> {
  const subject = await subjectOf(em, actor);
  const ruling = mayManageExternalAdministrators(subject, organizationId, now);
  if (ruling.allowed) return;
  const belongs = subject.memberships.some((membership) => membership.organizationId === organizationId);
  if (!belongs) throw new Refusal('not_found');
  throw new Refusal(ruling.code === 'external_administrator' ? ruling.code : 'not_full_administrator');
}

async function viewExternalAdministrators(
  em: EntityManager,
  rows: readonly Membership[],
): Promise<ExternalAdministratorView[]> {
  const ids = rows.map((row) => row.id);
  const people = await em.find(Account, { id: { $in: rows.map((row) => row.accountId) } });
  const assignments = await em.find(CustomerAssignment, { membershipId: { $in: ids }, source: 'service_setup' });
  const requests = await em.find(ExternalAdministratorRequest, { membershipId: { $in: ids } });
  const relationships = await em.find(Relationship, {
    id: { $in: rows.flatMap((row) => (row.relationshipId ? [row.relationshipId] : [])) },
  });
  const partners = await em.find(Organization, { id: { $in: relationships.map((row) => row.partnerId) } });
  return rows.map((row): ExternalAdministratorView => {
    const account = people.find((one) => one.id === row.accountId);
    const partnerId = relationships.find((one) => one.id === row.relationshipId)?.partnerId ?? null;
    return {
      id: row.id,
      account: { id: row.accountId, displayName: account?.displayName ?? '', email: account?.email ?? '' },
      role: externalRoleOf(
        row,
        assignments.some((one) => one.membershipId === row.id),
      ),
      until: row.until?.toISOString() ?? null,
      partnerId,
      partnerName: partners.find((one) => one.id === partnerId)?.name ?? null,
      requestId: requests.find((one) => one.membershipId === row.id)?.id ?? null,
      since: row.createdAt.toISOString(),
    };
  });
}
