import { approvalAssurances, weakenedDurations } from '#access';
import { durationPolicyNames, policySeconds, termNames, type UpdateOrganization } from '#contracts';
import type { Organization } from '#persistence';

/**
 * Which of the organization's terms would become weaker: longer durations and terms, a lesser proof before a decision, and coming in
 * by the sign-in of another organization.
 */
export function weakenedBy(
  organization: Organization,
  { policy = {}, foreignSignIn }: Pick<UpdateOrganization, 'policy' | 'foreignSignIn'>,
): string[] {
  const { approvalAssurance, relationshipTermDays, externalAdministratorTermDays, ...durations } = policy;
  const terms = { relationshipTermDays, externalAdministratorTermDays };
  const longer = termNames.filter((name) => {
    const [before, after] = [organization.policy[name], terms[name]];
    return before !== undefined && after !== undefined && (after === null || after > before);
  });
  const present = Object.fromEntries(
    durationPolicyNames.map((name) => [name, policySeconds(organization.policy, name)]),
  );
  const rank = (assurance: Organization['approvalAssurance']) => approvalAssurances.indexOf(assurance);
  const isLess = approvalAssurance !== undefined && rank(approvalAssurance) < rank(organization.approvalAssurance);
  return [
    ...weakenedDurations(present, durations),
    ...(isLess ? ['approvalAssurance'] : []),
    ...longer,
    ...(foreignSignIn && !organization.foreignSignIn ? ['foreignSignIn'] : []),
  ];
}
