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
import type { Standing, StandingParameters } from '#persistence';
import { isUuid, searchBatch } from './asked.ts';
import { evaluatedSubject, isSubjectType, judge, withinNamed } from './evaluate.ts';
import { mayAskAbout, mayAskAboutEverybody } from './may-ask.ts';
import { pageToken, positionIn } from './page-token.ts';

const usualLimit = 100;
const actions = ['read', 'write', 'use'] as const;

const nothing = { results: [], page: { next_token: '', count: 0 } };

/** Further standing as the caller sees it. */
export type LoadMore = (of: Partial<StandingParameters>) => Promise<Standing>;

/**
 * Who has access to this setting of this organization. Asked by whoever may ask about everybody there; for all others,
 * and for what is unknown, the list is empty. `first` holds the first of those who may have, by `askedBySubjectSearch`.
 */
export async function searchSubjects(
  first: Standing,
  principal: Principal,
  { subject, action, resource, page }: SubjectSearch,
  loadMore: LoadMore,
  matrices?: Matrices,
): Promise<SubjectResults> {
  const { type } = subject;
  const organizationId = resource.properties?.organizationId.toLowerCase() ?? '';
  const target = first.organizations.get(organizationId);
  if (resource.type !== 'setting' || !isSubjectType(type) || !target) return nothing;
  if (!mayAskAboutEverybody(first, principal, organizationId)) return nothing;
  const [from] = positionIn(page?.token);
  if (from !== '' && !isUuid(from)) throw new Refusal('invalid_cursor');

  const limit = page?.limit ?? usualLimit;
  const found: string[] = [];
  let standing = first;
  for (
    let after = from;
    ;
    standing = await loadMore({ around: organizationId, aroundAfter: after, pageSize: searchBatch })
  ) {
    const here = standing.organizations.get(organizationId) ?? target;
    const candidates = foundAround(standing, type).filter(({ accountId }) => accountId > after);
    for (const candidate of candidates) {
      const there = withinNamed(candidate, here.id, resource.properties);
      if (permits(access(there, here, resource.id, standing.now, matrices), action.name))
        found.push(candidate.accountId);
    }
    const last = type === 'service' ? standing.lastFound.serviceId : standing.lastFound.subjectId;
    if (last === null || found.length > limit) break;
    after = last;
  }
  const shown = found.slice(0, limit);
  return {
    results: shown.map((id) => ({ type, id })),
    page: { next_token: found.length > limit ? pageToken(shown.at(-1) ?? '') : '', count: shown.length },
  };
}

/** Those of one kind, in order of their ids, up to where the page of that kind ends. */
function foundAround(standing: Standing, type: 'account' | 'service'): Subject[] {
  const last = type === 'service' ? standing.lastFound.serviceId : standing.lastFound.subjectId;
  return [...standing.subjects.values()]
    .filter(({ accountId }) => standing.services.has(accountId) === (type === 'service'))
    .filter(({ accountId }) => last === null || accountId <= last)
    .sort((one, other) => (one.accountId < other.accountId ? -1 : 1));
}

/** What this person may reach: settings of one organization, or of every one where they have any standing. */
export async function searchResources(
  first: Standing,
  principal: Principal,
  { subject, action, resource, page }: ResourceSearch,
  loadMore: LoadMore,
  matrices?: Matrices,
): Promise<ResourceResults> {
  const { type } = subject;
  const subjectId = subject.id.toLowerCase();
  if (resource.type !== 'setting' || !isSubjectType(type) || !isUuid(subjectId)) return nothing;
  const [fromOrganization, fromSetting] = positionIn(page?.token);
  if (fromOrganization !== '' && !isUuid(fromOrganization)) throw new Refusal('invalid_cursor');
  const named = resource.properties?.organizationId?.toLowerCase();
  const places =
    named === undefined
      ? placesAround(evaluatedSubject(first, type, subjectId), fromOrganization, loadMore)
      : [{ standing: first, organizationIds: named >= fromOrganization ? [named] : [] }];

  const limit = page?.limit ?? usualLimit;
  const found: { organizationId: string; setting: Setting }[] = [];
  for await (const { standing, organizationIds } of places) {
    const evaluated = evaluatedSubject(standing, type, subjectId);
    for (const organizationId of organizationIds) {
      if (found.length > limit) break;
      const target = standing.organizations.get(organizationId);
      if (!target || !mayAskAbout(standing, principal, subjectId, organizationId)) continue;
      const there = withinNamed(evaluated, organizationId, resource.properties);
      const start = organizationId === fromOrganization ? settings.findIndex((one) => one === fromSetting) + 1 : 0;
      for (const setting of settings.slice(start)) {
        if (permits(access(there, target, setting, standing.now, matrices), action.name))
          found.push({ organizationId, setting });
      }
    }
    if (found.length > limit) break;
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
      next_token: found.length > limit && last ? pageToken(last.organizationId, last.setting) : '',
      count: shown.length,
    },
  };
}

/** Where somebody may have standing, in order of the organizations' ids: their own and the customers of those. */
async function* placesAround(evaluated: Subject, from: string, loadMore: LoadMore) {
  const own = evaluated.memberships.map(({ organizationId }) => organizationId);
  let start = from;
  let isFirst = true;
  for (;;) {
    const standing = await loadMore({
      subjectIds: [evaluated.accountId],
      customersOf: own,
      ...(start !== '' && { customersFrom: start }),
      pageSize: searchBatch,
    });
    const { customerId: end } = standing.lastFound;
    const isHere = (id: string) => (isFirst ? id >= start : id > start) && (end === null || id <= end);
    const customers = [...standing.organizations.values()]
      .filter(({ relationships }) => relationships.some(({ partnerId }) => own.includes(partnerId)))
      .map(({ id }) => id);
    yield { standing, organizationIds: [...new Set([...own, ...customers])].filter(isHere).sort() };
    if (end === null) return;
    start = end;
    isFirst = false;
  }
}

/** What this person may do with this setting. */
export function searchActions(
  standing: Standing,
  principal: Principal,
  { subject, resource }: ActionSearch,
  matrices?: Matrices,
): ActionResults {
  const judged = judge(standing, principal, { subject, resource }, matrices);
  if ('denial' in judged) return nothing;
  const permitted = actions.filter((name) => permits(judged, name));
  return { results: permitted.map((name) => ({ name })), page: { next_token: '', count: permitted.length } };
}
