import type { SupportAct } from '#contracts';
import type { Decision } from '../decision.ts';
import { changeMember } from '../membership/change.ts';
import { removeMember, removeWorkspaceRole } from '../membership/remove.ts';
import { createRelationship } from '../relationship/create.ts';

/** Does what was proposed, as the second person; each act judges again, as it would any actor. */
export async function perform(decision: Decision, act: SupportAct, reason: string): Promise<void> {
  switch (act.kind) {
    case 'relationship.create':
      await createRelationship(decision, act.organizationId, act.partnerId);
      return;
    case 'membership.change-workspace-role': {
      const { organizationId, memberId, workspaceRole } = act;
      if (workspaceRole === null) await removeWorkspaceRole(decision, organizationId, memberId, reason);
      else await changeMember(decision, organizationId, memberId, { workspaceRole, reason });
      return;
    }
    case 'membership.remove':
      await removeMember(decision, act.organizationId, act.memberId, reason);
  }
}
