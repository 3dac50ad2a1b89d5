import { Refusal, type SupportAct } from '#contracts';
import { Membership, type PersonalData } from '#persistence';
import { removeAccount } from '../account/remove.ts';
import { changeAddressOfSoleOwner } from '../address-change/of-sole-owner.ts';
import type { Decision } from '../decision.ts';
import { eraseFromTrail } from '../audit/erase-from-trail.ts';
import { changeMember } from '../membership/change.ts';
import { removeMember, removeWorkspaceRole } from '../membership/remove.ts';
import { recoverSignIn } from '../organization/recover-sign-in.ts';
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
      return;
    case 'organization.recover-sign-in':
      await recoverSignIn(decision, act.organizationId, { by: 'support', removeProvider: act.removeProvider });
      return;
    case 'membership.change-address':
      await changeAddressOfSoleOwner(decision, act.organizationId, act.memberId, act.email);
      return;
    case 'account.remove':
      await removeAccountOfMember(decision, act, reason);
      return;
    case 'audit.erase-personal-data':
      await eraseFromTrail(decision, act.organizationId, act.accountId);
  }
}

/** The organization that is told of it must be one of theirs. */
async function removeAccountOfMember(
  decision: Decision,
  { organizationId, accountId }: SupportAct & { kind: 'account.remove' },
  reason: string,
): Promise<void> {
  if (!(await decision.em.findOne(Membership, { organizationId, accountId, removedAt: null }))) {
    throw new Refusal('not_found');
  }
  await removeAccount(decision, accountId, reason);
}

/** Whether it gives somebody back what they lost, and changes nobody's right. */
export const isRecovery = ({ kind }: SupportAct): boolean =>
  kind === 'organization.recover-sign-in' || kind === 'membership.change-address';

/** What facts may tell of an act, and the personal data in it apart from them. */
export function withoutAddress(act: SupportAct): Record<string, unknown> {
  const { email: _address, ...facts } = { email: undefined, ...act };
  return facts;
}
export const addressIn = (act: SupportAct): PersonalData =>
  act.kind === 'membership.change-address' ? { names: { [act.memberId]: act.email } } : {};
