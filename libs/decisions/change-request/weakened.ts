import { approvalAssurances, weakenedDurations } from '#access';
import { durationPolicyNames, policySeconds, type UpdateOrganization } from '#contracts';
import type { Organization } from '#persistence';

/** Which of the organization's terms a policy would weaken: longer durations, and a lesser proof before a decision. */
export function weakenedBy(
  organization: Organization,
  { approvalAssurance, ...durations }: NonNullable<UpdateOrganization['policy']>,
): string[] {
  const present = Object.fromEntries(
    durationPolicyNames.map((name) => [name, policySeconds(organization.policy, name)]),
  );
  const rank = (assurance: Organization['approvalAssurance']) => approvalAssurances.indexOf(assurance);
  const isLess = approvalAssurance !== undefined && rank(approvalAssurance) < rank(organization.approvalAssurance);
  return [...weakenedDurations(present, durations), ...(isLess ? ['approvalAssurance'] : [])];
}
