import { Refusal, type SessionSummary } from '#contracts';
import { idleSessionMilliseconds, type Principal } from '#identity';
import { asSystem, databaseNow, Session, type Database, type EntityManager } from '#persistence';

type Person = Principal & { kind: 'account' };

/** A single sign-on manages the sessions of its own organization only: its provider has no say over the others. */
const within = ({ accountId, method, sessionOrganizationId }: Person) => ({
  accountId,
  ...(method === 'sso' && { method, organizationId: sessionOrganizationId }),
});

const live = async (em: EntityManager) => {
  const now = await databaseNow(em);
  const idleSince = new Date(now.getTime() - idleSessionMilliseconds);
  return { revokedAt: null, expiresAt: { $gt: now }, lastSeenAt: { $gt: idleSince } };
};

/** Where the person is signed in at this moment, latest first. */
export async function listOwnSessions(database: Database, person: Person): Promise<SessionSummary[]> {
  const rows = await database.transaction(asSystem, async (em) =>
    em.find(Session, { ...within(person), ...(await live(em)) }, { orderBy: { id: 'desc' }, limit: 200 }),
  );
  return rows.map((row) => viewSession(row, person));
}

/** The session the person calls with. */
export async function readCurrentSession(database: Database, person: Person): Promise<SessionSummary> {
  const row = await database.transaction(asSystem, (em) => em.findOneOrFail(Session, { id: person.sessionId }));
  return viewSession(row, person);
}

const viewSession = (row: Session, { sessionId }: Person): SessionSummary => ({
  id: row.id,
  method: row.method,
  organizationId: row.organizationId ?? null,
  amr: row.amr,
  acr: row.acr ?? null,
  authenticatedAt: row.authenticatedAt.toISOString(),
  secondFactorAt: row.secondFactorAt?.toISOString() ?? null,
  userAgent: row.userAgent ?? null,
  createdAt: row.createdAt.toISOString(),
  lastSeenAt: row.lastSeenAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  current: row.id === sessionId,
});

/** Signs the person out everywhere, at once; a single sign-on, everywhere it can see. How many sessions ended. */
export async function endOwnSessions(database: Database, person: Person): Promise<number> {
  return database.transaction(asSystem, async (em) =>
    em.nativeUpdate(Session, { ...within(person), revokedAt: null }, { revokedAt: await databaseNow(em) }),
  );
}

/** Signs the person out there, at once. */
export async function endOwnSession(database: Database, person: Person, sessionId: string): Promise<void> {
  const ended = await database.transaction(asSystem, async (em) =>
    em.nativeUpdate(
      Session,
      { id: sessionId, ...within(person), ...(await live(em)) },
      { revokedAt: await databaseNow(em) },
    ),
  );
  if (ended === 0) throw new Refusal('not_found');
}
