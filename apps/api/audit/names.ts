import type { AuditEventView } from '#contracts';
import { Account, Membership, Organization, type EntityManager } from '#persistence';

const idOfAccount = (facts: AuditEventView['facts']) =>
  typeof facts['accountId'] === 'string' ? facts['accountId'] : undefined;

/**
 * Whom or what each event is about, by its id, as they are called now. What is gone, or out of the reader's sight, has no
 * name: the trail itself keeps only the names that its events were written with.
 */
export async function subjectNames(
  em: EntityManager,
  events: readonly AuditEventView[],
): Promise<ReadonlyMap<string, string>> {
  const about = (kind: string) =>
    events.filter(({ subject }) => subject.kind === kind).map(({ subject }) => subject.id);
  const memberships = await em.find(Membership, { id: { $in: about('membership') } });
  const accountOf = new Map(memberships.map(({ id, accountId }) => [id, accountId]));
  for (const { subject, facts } of events) {
    const accountId = subject.kind === 'account' ? subject.id : idOfAccount(facts);
    if (accountId !== undefined && subject.kind !== 'organization') accountOf.set(subject.id, accountId);
  }
  const accounts = await em.find(Account, { id: { $in: [...new Set(accountOf.values())] } });
  const organizations = await em.find(Organization, { id: { $in: about('organization') } });
  const named = new Map(accounts.map(({ id, displayName }) => [id, displayName]));
  return new Map([
    ...organizations.map(({ id, name }): [string, string] => [id, name]),
    ...[...accountOf].flatMap(([id, accountId]): [string, string][] => {
      const name = named.get(accountId);
      return name === undefined ? [] : [[id, name]];
    }),
  ]);
}
