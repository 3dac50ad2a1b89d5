import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import type { Subject, TargetOrganization } from '#access';
import { systemRole } from '../tenancy.ts';
import { executeWithNext } from '../tenancy-client.ts';
import { readRow } from './read-row.ts';
import type { StandingRow } from './rows.ts';
import { nobodyOf, subjectIn, type Standing } from './standing.ts';
import { parametersOf, statement, type StandingParameters } from './statement.ts';

/** Standing as whoever the transaction runs for may see it, after whatever it has changed so far. */
export async function loadStanding(em: EntityManager, of: Partial<StandingParameters>): Promise<Standing> {
  await em.flush();
  const { rows } = await em
    .getKysely()
    .executeQuery<StandingRow>(CompiledQuery.raw(statement, parametersOf({ whole: true, appointments: true, ...of })));
  const [row] = rows;
  if (!row) throw new Error('The database did not tell the standing');
  return readRow(row);
}

/**
 * What a person holds, read live: memberships with their roles and assigned customers, and temporary access that
 * is not over by its row. The rules compare times with the clock they are given.
 */
export async function loadSubject(em: EntityManager, accountId: string): Promise<Subject> {
  const [subject] = await loadSubjects(em, [accountId]);
  return subject ?? nobodyOf(accountId);
}

/** As `loadSubject`, for many people with the same one statement. */
export async function loadSubjects(em: EntityManager, accountIds: readonly string[]): Promise<Subject[]> {
  if (accountIds.length === 0) return [];
  const standing = await loadStanding(em, { subjectIds: accountIds });
  return accountIds.map((id) => subjectIn(standing, id));
}

/**
 * Whether the person is a home member of any partner, also of one beyond the caller's sight: the question is asked by
 * the system, within the same transaction, and tells nothing but yes or no.
 */
export async function worksForPartner(em: EntityManager, accountId: string): Promise<boolean> {
  const [found] = await inSystemRole(em, () =>
    em.execute<{ isSo: boolean }[]>(
      `select exists (
         select 1 from membership join organization on organization.id = membership.organization_id
          where membership.account_id = ? and membership.kind = 'home' and membership.removed_at is null
            and organization.kind = 'partner') as "isSo"`,
      [accountId],
    ),
  );
  return found?.isSo ?? false;
}

/** Runs plain statements as the system within a tenant's transaction. Keep to statements whose answer stays in here. */
export async function inSystemRole<T>(em: EntityManager, work: () => Promise<T>): Promise<T> {
  await em.flush();
  const [caller] = await em.execute<{ role: string }[]>('select quote_ident(current_user) as role');
  await em.execute(`set local role ${systemRole}`);
  const result = await work();
  // After an error the transaction is void, and the role with it.
  if (caller) await em.execute(`set local role ${caller.role}`);
  return result;
}

/** A service acts with the roles of its key in the one organization it belongs to. */
export async function loadServiceSubject(em: EntityManager, apiKeyId: string): Promise<Subject> {
  return loadSubject(em, apiKeyId);
}

/** What the one who invited somebody holds by now: a person or a service. */
export async function loadInviter(em: EntityManager, id: string): Promise<Subject> {
  return loadSubject(em, id);
}

/** The organization whose setting is asked for, with the relationships in which it is the customer. */
export async function loadTarget(em: EntityManager, organizationId: string): Promise<TargetOrganization | null> {
  const { organizations } = await loadStanding(em, { organizationIds: [organizationId] });
  return organizations.get(organizationId) ?? null;
}

/**
 * Holds what a decision relies on until it is committed: whoever takes a role, a membership or a relationship away
 * waits, or was first. Memberships before relationships before requests before grants: one order, no deadlock. A function
 * of the database holds them, and tells nothing: what is relied on need not be the holder's to write.
 */
export async function holdStanding(
  em: EntityManager,
  accountIds: readonly string[],
  customerId: string | null,
): Promise<void> {
  if (accountIds.length === 0 && customerId === null) return;
  await em.flush();
  // Standing is read after this, by a statement that sees what there is once all is held.
  await executeWithNext(em, 'select hold_standing(?::uuid[], ?::uuid)', [`{${accountIds.join(',')}}`, customerId]);
}
