import type { StandingParameters } from '#persistence';
import { positionIn } from './page-token.ts';

/** People and organizations at once in a search; a page of answers is looked for among so many. */
export const searchBatch = 200;

/** Whose standing an evaluation or a batch of them asks about; the body is as it came, right or wrong. */
export function askedByEvaluations(body: unknown): Partial<StandingParameters> {
  const items = listAt(body, 'evaluations');
  const questions = [body, ...items];
  return {
    subjectIds: uuidsOf(questions.map((question) => textAt(question, 'subject', 'id'))),
    organizationIds: uuidsOf(questions.map((question) => textAt(question, 'resource', 'properties', 'organizationId'))),
  };
}

/** As `askedByEvaluations`, for a search for people: with the first of those who may have access. */
export function askedBySubjectSearch(body: unknown): Partial<StandingParameters> {
  const { organizationIds = [] } = askedByEvaluations(body);
  const [after] = positionIn(textAt(body, 'page', 'token'));
  return {
    organizationIds,
    around: organizationIds[0] ?? null,
    aroundAfter: isUuid(after) ? after : null,
    pageSize: searchBatch,
  };
}

/** As `askedByEvaluations`, for everything somebody may do in an organization. */
export const askedByEffectiveAccess = (organizationId: unknown, accountId: unknown): Partial<StandingParameters> => ({
  subjectIds: uuidsOf([textAt(accountId)]),
  organizationIds: uuidsOf([textAt(organizationId)]),
});

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** More than there may be in a request that is right. */
const mostQuestions = 201;

const uuidsOf = (texts: readonly string[]): string[] => [
  ...new Set(texts.filter((text) => isUuid(text)).map((text) => text.toLowerCase())),
];

const textAt = (value: unknown, ...path: string[]): string => {
  const found = path.reduce(fieldOf, value);
  return typeof found === 'string' ? found : '';
};

function listAt(value: unknown, name: string): unknown[] {
  const found = fieldOf(value, name);
  return Array.isArray(found) ? found.slice(0, mostQuestions) : [];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
