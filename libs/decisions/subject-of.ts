import type { Membership, Subject } from '#access';
import type { Principal } from '#identity';
import { nobodyOf, loadServiceSubject, loadSubject, subjectIn, type EntityManager, type Standing } from '#persistence';
import type { Actor } from './decision.ts';

/**
 * What the actor holds at this moment; the clock holds nothing. A person holds what their session opens: memberships of
 * organizations that do not allow the way they signed in give no rights, whatever tenancy the decision runs under, but
 * are known, since nobody is independent by signing in past them.
 */
export async function subjectOf(
  em: EntityManager,
  actor: Pick<Actor, 'kind' | 'id' | 'openOrganizationIds'>,
): Promise<Subject> {
  if (actor.id && actor.kind === 'service') return loadServiceSubject(em, actor.id);
  if (actor.id) return withinSession(await loadSubject(em, actor.id), actor.openOrganizationIds);
  return actor.kind === 'support' ? bootstrapSupport : nobodyOf(nobody);
}

/** As `subjectOf`, from standing that was loaded with them in it. */
export function subjectFrom(standing: Standing, actor: Pick<Actor, 'kind' | 'id' | 'openOrganizationIds'>): Subject {
  if (actor.id === null) return actor.kind === 'support' ? bootstrapSupport : nobodyOf(nobody);
  const held = subjectIn(standing, actor.id);
  return actor.kind === 'service' ? held : withinSession(held, actor.openOrganizationIds);
}

/** As `subjectOf`, from standing that was loaded for the caller. */
export function ownSubject(standing: Standing, principal: Principal): Subject {
  switch (principal.kind) {
    case 'account':
      return withinSession(subjectIn(standing, principal.accountId), principal.openOrganizationIds);
    case 'service':
      return subjectIn(standing, principal.apiKeyId);
    case 'support':
      return bootstrapSupport;
  }
}

function withinSession(subject: Subject, openOrganizationIds: readonly string[] | undefined): Subject {
  if (!openOrganizationIds) return subject;
  const isOpen = ({ organizationId }: Membership) => openOrganizationIds.includes(organizationId);
  return {
    ...subject,
    memberships: subject.memberships.filter(isOpen),
    closedMemberships: subject.memberships.filter((membership) => !isOpen(membership)),
  };
}

/** RFC 9562: the id of nothing. An empty text would be no id at all to the database. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** The bootstrap token acts as a member of the platform organization that has no account yet. */
const bootstrapSupport: Subject = {
  accountId: nobody,
  memberships: [
    {
      id: nobody,
      organizationId: nobody,
      organizationKind: 'platform',
      kind: 'home',
      workspaceRole: null,
      scope: { kind: 'client' },
      administratorRoles: [],
      decryptLogs: false,
      appTray: { botBuilder: [], applications: [] },
      until: null,
      assignedCustomerIds: [],
      provisioningCustomerIds: [],
      appointments: [],
    },
  ],
  closedMemberships: [],
  temporaryAccess: [],
};
