import { durationPolicyNames, policyOfKind, policySeconds, termNames, type OrganizationView } from '#contracts';
import type { Organization } from '#persistence';

export function viewOrganization(organization: Organization): OrganizationView {
  return {
    id: organization.id,
    kind: organization.kind,
    name: organization.name,
    slug: organization.slug,
    loginMethods: organization.loginMethods,
    ssoEnabledAt: organization.ssoEnabledAt?.toISOString() ?? null,
    sso: organization.sso
      ? {
          issuer: organization.sso.issuer,
          clientId: organization.sso.clientId,
          activationUrl: organization.sso.activationUrl,
          emailVerified: organization.sso.emailVerified ?? 'required',
          redirectPath: `/sso/${organization.slug}/callback`,
        }
      : null,
    domains: organization.domains,
    provenDomains: organization.provenDomains,
    foreignSignIn: organization.foreignSignIn,
    features: Object.fromEntries(organization.disabledFeatures.map((feature) => [feature, false])),
    restrictedMode: organization.restrictedMode,
    policy: {
      ...Object.fromEntries(
        durationPolicyNames
          .filter((name) => (policyOfKind[name] ?? organization.kind) === organization.kind)
          .map((name) => [name, policySeconds(organization.policy, name)]),
      ),
      approvalAssurance: organization.approvalAssurance,
      ...(organization.kind === 'customer' &&
        Object.fromEntries(termNames.map((name) => [name, organization.policy[name] ?? null]))),
    } as OrganizationView['policy'],
    createdAt: organization.createdAt.toISOString(),
  };
}
