import { access, permits, settings, type Matrices, type Setting, type Subject } from '#access';
import {
  Refusal,
  type ActionResults,
  type ActionSearch,
  type ResourceResults,
  type ResourceSearch,
  type SubjectResults,
  type SubjectSearch,
} from '#contracts';
import type { Principal } from '#identity';
import {
  databaseNow,
  loadServiceSubject,
  loadSubjects,
  loadTarget,
  Relationship,
  type EntityManager,
} from '#persistence';
import { holderOf, isSubjectType, isUuid, judge } from './evaluate.ts';
import { mayAskAbout, mayAskAboutEverybody } from './may-ask.ts';

const usualLimit = 100;
const actions = ['read', 'write', 'use'] as const;

const nothing = { results: [], page: { next_token: '', count: 0 } };

/**
 * Who has access to this setting of this organization. Asked by whoever may ask about everybody there; for all others,
 * and for what is unknown, the list is empty.
 */
export async function searchSubjects(
  em: EntityManager,
  principal: Principal,
  { subject, action, resource, page }: SubjectSearch,
  matrices?: Matrices,
): Promise<SubjectResults> {
  const organizationId = resource.properties?.organizationId ?? '';
  if (resource.type !== 'setting' || !isSubjectType(subject.type) || !isUuid(organizationId)) return nothing;
  const target = await loadTarget(em, organizationId);
  const now = await databaseNow(em);
  if (!target || !(await mayAskAboutEverybody(em, principal, organizationId, now))) return nothing;

  const limit = page?.limit ?? usualLimit;
  const candidates = subject.type === 'account' ? accountsAround : servicesOf;
  const found: string[] = [];
  let [after] = decodeToken(page?.token);
  if (after !== '' && !isUuid(after)) throw new Refusal('invalid_cursor');
  while (found.length <= limit) {
    const batch = await candidates(em, organizationId, after, now);
    const last = batch.at(-1);
    if (!last) break;
    for (const candidate of batch) {
      if (permits(access(candidate, target, resource.id, now, matrices), action.name)) found.push(candidate.accountId);
    }
    after = last.accountId;
  }
  const shown = found.slice(0, limit);
  return {
    results: shown.map((id) => ({ type: subject.type, id })),
    page: { next_token: found.length > limit ? encodeToken(shown.at(-1) ?? '') : '', count: shown.length },
  };
}

const batchSize = 200;
const beforeAll = '00000000-0000-0000-0000-000000000000';

/** People of the organization and of the organizations that a relationship joins to it, in order of their ids. */
async function accountsAround(em: EntityManager, organizationId: string, after: string, now: Date): Promise<Subject[]> {
  const rows = await em.execute<{ id: string }[]>(
    `select distinct account_id as id from membership
      where removed_at is null and account_id > ?
        and (organization_id = ? or organization_id in (
              select partner_id from relationship
               where customer_id = ? and (active_until is null or active_until > ?)))
      order by account_id limit ${batchSize}`,
    [after || beforeAll, organizationId, organizationId, now],
  );
  return loadSubjects(
    em,
    rows.map(({ id }) => id),
  );
}

async function servicesOf(em: EntityManager, organizationId: string, after: string): Promise<Subject[]> {
  const rows = await em.execute<{ id: string }[]>(
    `select id from api_key where organization_id = ? and revoked_at is null and id > ?
      order by id limit ${batchSize}`,
    [organizationId, after || beforeAll],
  );
  const services: Subject[] = [];
  for (const { id } of rows) services.push(await loadServiceSubject(em, id));
  return services;
}

/** What this person may reach: settings of one organization, or of every one where they have any standing. */
export async function searchResources(
  em: EntityManager,
  principal: Principal,
  { subject, action, resource, page }: ResourceSearch,
  matrices?: Matrices,
): Promise<ResourceResults> {
  if (resource.type !== 'setting' || !isSubjectType(subject.type) || !isUuid(subject.id)) return nothing;
  const now = await databaseNow(em);
  const holder = await holderOf(em, subject.type, subject.id);
  const named = resource.properties?.organizationId;
  const [fromOrganization, fromSetting] = decodeToken(page?.token);
  const organizationIds = (named === undefined ? await organizationsAround(em, holder, now) : [named])
    .filter((id) => isUuid(id) && id >= fromOrganization)
    .sort();

  if (fromOrganization !== '' && !isUuid(fromOrganization)) throw new Refusal('invalid_cursor');

  const limit = page?.limit ?? usualLimit;
  const found: { organizationId: string; setting: Setting }[] = [];
  for (const organizationId of organizationIds) {
    if (found.length > limit) break;
    const target = await loadTarget(em, organizationId);
    if (!target || !(await mayAskAbout(em, principal, subject.id, organizationId, now))) continue;
    const start = organizationId === fromOrganization ? settings.findIndex((one) => one === fromSetting) + 1 : 0;
    for (const setting of settings.slice(start)) {
      if (permits(access(holder, target, setting, now, matrices), action.name)) found.push({ organizationId, setting });
    }
  }
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    results: shown.map(({ organizationId, setting }) => ({
      type: 'setting',
      id: setting,
      properties: { organizationId },
    })),
    page: {
      next_token: found.length > limit && last ? encodeToken(last.organizationId, last.setting) : '',
      count: shown.length,
    },
  };
}

async function organizationsAround(em: EntityManager, holder: Subject, now: Date): Promise<string[]> {
  const own = holder.memberships.map((membership) => membership.organizationId);
  const relationships = await em.find(Relationship, {
    partnerId: { $in: own },
    $or: [{ activeUntil: null }, { activeUntil: { $gt: now } }],
  });
  return [...new Set([...own, ...relationships.map(({ customerId }) => customerId)])];
}

/** What this person may do with this setting. */
export async function searchActions(
  em: EntityManager,
  principal: Principal,
  { subject, resource }: ActionSearch,
  matrices?: Matrices,
): Promise<ActionResults> {
  const judged = await judge(em, principal, { subject, resource }, matrices);
  if ('denial' in judged) return nothing;
  const permitted = actions.filter((name) => permits(judged, name));
  return { results: permitted.map((name) => ({ name })), page: { next_token: '', count: permitted.length } };
}

/** Tokens are opaque to clients: where the page before ended. */
const encodeToken = (...parts: string[]): string => Buffer.from(parts.join(' ')).toString('base64url');
const decodeToken = (token = ''): [string, string] => {
  const [first = '', second = ''] = Buffer.from(token, 'base64url').toString().split(' ');
  return [first, second];
};
