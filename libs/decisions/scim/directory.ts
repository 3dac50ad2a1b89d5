import { mayProvision } from '#access';
import { Refusal } from '#contracts';
import { tokenDigest } from '#identity';
import { LockMode } from '@mikro-orm/postgresql';
import {
  asSystem,
  databaseNow,
  loadSubject,
  loadTarget,
  ScimToken,
  type Database,
  type EntityManager,
  type TenancyContext,
} from '#persistence';
import type { Actor, Decision } from '../decision.ts';

/** The directory of one organization, let in by a token of that organization. */
export interface Directory {
  tokenId: string;
  tokenDigest: string;
  name: string;
  organizationId: string;
  tenancy: TenancyContext;
}

/** Writing the last use on every request would make each read a write. */
const noteAfterMilliseconds = 60_000;

/** Whose token it is; null for anything but one that is live. */
export async function directoryOf(database: Database, token: string): Promise<Directory | null> {
  if (!token.startsWith('cs_scim_')) return null;
  const digest = tokenDigest(token);
  return database.transaction(asSystem, async (em) => {
    const row = await findToken(em, digest);
    const now = await databaseNow(em);
    if (!row || !(await isLive(em, row, digest, now))) return null;
    if (!row.lastUsedAt || now.getTime() - row.lastUsedAt.getTime() > noteAfterMilliseconds) row.lastUsedAt = now;
    const { id: tokenId, name, organizationId } = row;
    return {
      tokenId,
      tokenDigest: digest,
      name,
      organizationId,
      tenancy: {
        kind: 'tenant',
        principal: `scim:${tokenId}`,
        accountId: null,
        organizationIds: [organizationId],
        managed: [organizationId],
        reach: [organizationId],
      },
    };
  });
}

/** The directory as the one who decides: on the trail it stands as the service it is. */
export const directoryAsActor = ({ tokenId, name }: Directory, sourceAddress: string | undefined): Actor => ({
  kind: 'service',
  id: tokenId,
  displayName: name,
  // Whom an address stands for is known beyond the tenant; every row is named with its organization.
  tenancy: asSystem,
  sourceAddress,
});

/** The token, held until the decision is committed: whoever revokes it waits, or was first. */
export async function holdToken({ em, now }: Decision, { tokenDigest: digest }: Directory): Promise<ScimToken> {
  const row = await findToken(em, digest, { lockMode: LockMode.PESSIMISTIC_READ, refresh: true });
  if (!row || !(await isLive(em, row, digest, await now()))) throw new Refusal('not_authenticated');
  return row;
}

const findToken = (em: EntityManager, digest: string, options = {}): Promise<ScimToken | null> =>
  em.findOne(ScimToken, { $or: [{ tokenDigest: digest }, { formerTokenDigest: digest }] }, options);

async function isLive(em: EntityManager, row: ScimToken, digest: string, now: Date): Promise<boolean> {
  if (row.revokedAt || row.expiresAt <= now) return false;
  const isFormer = row.tokenDigest !== digest;
  if (isFormer && !(row.formerTokenUntil && now < row.formerTokenUntil)) return false;
  const who = (isFormer ? row.formerResponsibleId : null) ?? row.responsibleId;
  // A former token goes no further than whoever knows it may, nor than whoever answers for the token by now.
  return (
    (await answersFor(em, row, who, now)) && (who === row.responsibleId || answersFor(em, row, row.responsibleId, now))
  );
}

/** Whether the person may still do what the token does. */
export async function answersFor(
  em: EntityManager,
  { organizationId, workspaceRole }: ScimToken,
  accountId: string,
  now: Date,
): Promise<boolean> {
  const target = await loadTarget(em, organizationId);
  return target !== null && mayProvision(await loadSubject(em, accountId), target, workspaceRole, now).allowed;
}
