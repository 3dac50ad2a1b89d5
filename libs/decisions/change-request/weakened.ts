import { approvalAssurances, weakenedDurations } from '#access';
import { durationPolicyNames, policySeconds, type UpdateOrganization } from '#contracts';
import type { Organization } from '#persistence';

/**
 * Which of the organization's terms would become weaker: longer durations and terms, a lesser proof before a decision, and coming in
 * by the sign-in of another organization.
 */
export function weakenedBy(
  organization: Organization,
  { policy = {}, foreignSignIn }: Pick<UpdateOrganization, 'policy' | 'foreignSignIn'>,
): string[] {
  const { approvalAssurance, relationshipTermDays: term, ...durations } = policy;
  const presentTerm = organization.policy['relationshipTermDays'];
  const isLonger = term !== undefined && presentTerm !== undefined && (term === null || term > presentTerm);
  const present = Object.fromEntries(
    durationPolicyNames.map((name) => [name, policySeconds(organization.policy, name)]),
  );
  const rank = (assurance: Organization['approvalAssurance']) => approvalAssurances.indexOf(assurance);
  const isLess = approvalAssurance !== undefined && rank(approvalAssurance) < rank(organization.approvalAssurance);
  return [
    ...weakenedDurations(present, durations),
    ...(isLess ? ['approvalAssurance'] : []),
    ...(isLonger ? ['relationshipTermDays'] : []),
    ...(foreignSignIn && !organization.foreignSignIn ? ['foreignSignIn'] : []),
  ];
}
