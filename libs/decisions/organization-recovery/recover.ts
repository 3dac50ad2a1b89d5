import { Refusal, type RecoverOrganization } from '#contracts';
import { recoveryCodeDigest } from '#identity';
import { Organization, OrganizationRecoveryCode } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { recoverSignIn } from '../organization/recover-sign-in.ts';
import { refuseAct } from '../refuse-act.ts';

/**
 * Uses one of the codes its Owners keep: people of the organization may sign in by password again, and whoever could
 * decide is mailed. The code opens no session and gives nobody a right, so that a stolen one lets nobody in who has no
 * mailbox of theirs. Runs as the system: whoever has it is signed in nowhere.
 */
export async function recoverOrganization(
  decision: Decision,
  { organizationSlug: slug, recoveryCode }: RecoverOrganization,
): Promise<void> {
  const { em } = decision;
  const organization = await lockRow(em, Organization, { slug });
  if (!organization) throw new Refusal('recovery_code_wrong');
  const organizationId = organization.id;
  const now = await decision.now();
  const act = {
    action: 'organization.recovery-code-used',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const used = await em.nativeUpdate(
    OrganizationRecoveryCode,
    { organizationId, codeDigest: recoveryCodeDigest(recoveryCode), usedAt: null },
    { usedAt: now },
  );
  if (used === 0) return refuseAct(act, 'recovery_code_wrong');
  const codesLeft = await em.count(OrganizationRecoveryCode, { organizationId, usedAt: null });
  decision.record({ ...act, by: 'recovery_code', facts: { codesLeft }, at: now });
  await recoverSignIn(decision, organizationId, { by: 'recovery_code', removeProvider: false });
}
