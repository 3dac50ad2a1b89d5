import type { Invite } from '#persistence';
import type { StoredContents } from './inviting.ts';

const sorted = (values: readonly string[]) => JSON.stringify(values.toSorted());

const scopeKey = (scope: StoredContents['scope']) =>
  scope.kind === 'client' ? 'client' : sorted(scope.groupIds) + sorted(scope.teamIds);

/** Whether the open invite gives just what is asked for again, in whatever order it is named. */
export function givesTheSame(open: Invite, asked: StoredContents): boolean {
  return (
    (open.workspaceRole ?? null) === asked.workspaceRole &&
    sorted(open.administratorRoles) === sorted(asked.administratorRoles) &&
    scopeKey(open.scope) === scopeKey(asked.scope) &&
    sorted(open.appTray.botBuilder) === sorted(asked.appTray.botBuilder) &&
    sorted(open.appTray.applications) === sorted(asked.appTray.applications)
  );
}
