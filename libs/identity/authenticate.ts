import { mayGoOn } from '#access';
import { noSupportToken } from '#config';
import {
  asSystem,
  Session,
  subjectIn,
  type CallerSession,
  type Database,
  type ServiceKey,
  type Standing,
  type StandingParameters,
} from '#persistence';
import { bootstrapSupport, type Principal } from './principal.ts';
import { idleSessionMilliseconds } from './sessions.ts';
import { opennessOf, tenancyOf } from './tenancy-of.ts';
import { sameSecret, tokenDigest } from './tokens.ts';

/** Writing the last use on every request would make each read a write. */
const touchAfterMilliseconds = 60_000;

/** Who calls, and what came with that answer; nothing has to be read for the support team's token. */
export interface Authenticated {
  principal: Principal;
  standing: Standing | null;
}

/**
 * Who a bearer token belongs to, with their standing and that of whomever `asked` names, in one statement; null for
 * anything that is not a live session, a live API key or, while there is no support team, the support token. A key lives while the person it answers to
 * could give it its roles.
 */
export async function authenticate(
  database: Database,
  token: string,
  supportToken: string,
  asked?: Partial<StandingParameters>,
): Promise<Authenticated | null> {
  if (supportToken !== noSupportToken && sameSecret(token, supportToken)) {
    if (await hasSupportTeam(database)) return null;
    return { principal: bootstrapSupport, standing: asked ? await database.standing(asked) : null };
  }
  const digest = digestOf(token);
  if (!digest) return null;
  const standing = await database.standing({ ...(asked ?? everythingInReach), ...digest });
  const principal = principalIn(standing);
  if (!principal) return null;
  await touch(database, standing);
  return { principal, standing };
}

/** Two can do all that support may. From then on the token, which is nobody, is worth nothing; should they go, it is again. */
async function hasSupportTeam(database: Database): Promise<boolean> {
  const [row] = await database.transaction(asSystem, (em) =>
    em.execute<{ people: number }[]>(
      `select count(distinct membership.account_id)::int as people
         from membership join organization on organization.id = membership.organization_id
        where organization.kind = 'platform' and membership.kind = 'home' and membership.removed_at is null`,
    ),
  );
  return (row?.people ?? 0) >= 2;
}

/** Where no question was asked: enough for transactions under the caller's tenancy. */
const everythingInReach: Partial<StandingParameters> = { whole: true };

function digestOf(
  token: string,
): Pick<StandingParameters, 'sessionDigest'> | Pick<StandingParameters, 'apiKeyDigest'> | null {
  if (token.startsWith('cs_session_')) return { sessionDigest: tokenDigest(token) };
  if (token.startsWith('cs_key_')) return { apiKeyDigest: tokenDigest(token) };
  return null;
}

function principalIn(standing: Standing): Principal | null {
  if (standing.session) return isAlive(standing.session, standing.now) ? personOf(standing, standing.session) : null;
  const { callerKey } = standing;
  return callerKey && goesOn(standing, callerKey) ? serviceOf(standing, callerKey) : null;
}

function goesOn(standing: Standing, key: ServiceKey): boolean {
  const organization = standing.organizations.get(key.organizationId);
  return organization !== undefined && mayGoOn(subjectIn(standing, key.responsibleId), organization, key, standing.now);
}

const isAlive = ({ expiresAt, lastSeenAt }: CallerSession, now: Date): boolean =>
  now < expiresAt && now.getTime() - lastSeenAt.getTime() <= idleSessionMilliseconds;

function personOf(standing: Standing, session: CallerSession): Principal {
  const { accountId, method, organizationId, signedOutOf } = session;
  const { objectingOrganizationIds, ...openness } = opennessOf(standing, accountId, {
    method,
    organizationId,
    signedOutOf,
    secondFactorAt: session.assurance.secondFactorAt,
  });
  const tenancyIn = (organizationIds: readonly string[]) =>
    tenancyOf(standing, { key: `account:${accountId}`, accountId }, organizationIds);
  return {
    kind: 'account',
    accountId,
    displayName: session.displayName,
    email: session.email,
    sessionId: session.id,
    method,
    sessionOrganizationId: organizationId,
    sessionExpiresAt: session.expiresAt,
    assurance: session.assurance,
    ...openness,
    tenancy: tenancyIn(openness.openOrganizationIds),
    objecting: { organizationIds: objectingOrganizationIds, tenancy: tenancyIn(objectingOrganizationIds) },
  };
}

function serviceOf(standing: Standing, key: ServiceKey): Principal {
  const { id: apiKeyId, name, organizationId, scopes, allowedNetworks } = key;
  return {
    kind: 'service',
    apiKeyId,
    name,
    organizationId,
    scopes,
    allowedNetworks,
    tenancy: tenancyOf(standing, { key: `service:${apiKeyId}`, accountId: null }, [organizationId]),
  };
}

/** Notes, once a minute at most, that the session is in use. */
async function touch(database: Database, { session, now }: Standing): Promise<void> {
  if (!session || now.getTime() - session.lastSeenAt.getTime() <= touchAfterMilliseconds) return;
  await database.transaction(asSystem, (em) =>
    em.nativeUpdate(Session, { id: session.id, lastSeenAt: { $lt: now } }, { lastSeenAt: now }),
  );
}
