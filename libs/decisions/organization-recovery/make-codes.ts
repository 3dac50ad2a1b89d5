import { mayKeepRecoveryCodes, organizationSight } from '#access';
import { Refusal } from '#contracts';
import { newRecoveryCodes, recoveryCodeDigest } from '#identity';
import { inSystemRole, Organization, OrganizationRecoveryCode } from '#persistence';
import type { Decision } from '../decision.ts';
import { lockRow } from '../lock.ts';
import { requireSightFor } from '../organization/sight.ts';
import { refuseAct } from '../refuse-act.ts';
import { missingProof } from '../session/require-proof.ts';

/** New codes of an organization for one of its Owners, shown this once; the old ones are void. */
export async function makeOrganizationRecoveryCodes(decision: Decision, organizationId: string): Promise<string[]> {
  const { em, actor } = decision;
  // Two Owners at once: the codes of the later one are those that count.
  if (!(await lockRow(em, Organization, { id: organizationId }))) throw new Refusal('not_found');
  const now = await decision.now();
  const act = {
    action: 'organization.recovery-codes-made',
    organizationIds: [organizationId],
    subject: { kind: 'organization', id: organizationId },
  };
  const { subject, target } = await requireSightFor(act, em, actor, organizationId, organizationSight, now);
  const ruling = mayKeepRecoveryCodes(subject, target, now);
  if (!ruling.allowed) return refuseAct(act, ruling.code);
  if (actor.kind !== 'account') return refuseAct(act, 'authentication_is_the_tenants_own');
  const missing = await missingProof(decision, organizationId, now);
  if (missing) return refuseAct(act, 'step_up_required', missing);

  const codes = newRecoveryCodes();
  await inSystemRole(em, async () => {
    await em.nativeDelete(OrganizationRecoveryCode, { organizationId });
    const rows = codes.map((code) => ({ organizationId, codeDigest: recoveryCodeDigest(code), createdAt: now }));
    for (const row of rows) em.create(OrganizationRecoveryCode, row);
    await em.flush();
  });
  decision.record({ ...act, by: ruling.by, facts: { codes: codes.length }, at: now });
  return codes;
}
