import type { Subject } from '#access';
import { loadServiceSubject, loadSubject, type EntityManager } from '#persistence';
import type { Actor } from './decision.ts';

/** What the actor holds at this moment; the clock holds nothing. */
export async function subjectOf(em: EntityManager, actor: Pick<Actor, 'kind' | 'id'>): Promise<Subject> {
  if (actor.id && actor.kind === 'service') return loadServiceSubject(em, actor.id);
  if (actor.id) return loadSubject(em, actor.id);
  return actor.kind === 'support' ? bootstrapSupport : { accountId: '', memberships: [], temporaryAccess: [] };
}

/** The bootstrap token acts as a member of the platform organization that has no account yet. */
const bootstrapSupport: Subject = {
  accountId: '',
  memberships: [
    {
      id: '',
      organizationId: '',
      organizationKind: 'platform',
      kind: 'home',
      workspaceRole: null,
      administratorRoles: [],
      decryptLogs: false,
      appTray: { botBuilder: [], applications: [] },
      until: null,
      assignedCustomerIds: [],
      provisioningCustomerIds: [],
    },
  ],
  temporaryAccess: [],
};
