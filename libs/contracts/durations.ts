import { z } from 'zod';
import { approvalAssurances, longestTermDays } from '#access';

export interface DurationPolicy {
  defaultSeconds: number;
  minimumSeconds: number;
  maximumSeconds: number;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Every duration an organization may set, with the bounds of the domain; seconds. */
export const durationPolicies = {
  elevationPendingSeconds: { defaultSeconds: hour, minimumSeconds: 5 * minute, maximumSeconds: 72 * hour },
  elevationMaxSeconds: { defaultSeconds: hour, minimumSeconds: 15 * minute, maximumSeconds: day },
  helpDeskSessionSeconds: { defaultSeconds: hour, minimumSeconds: 5 * minute, maximumSeconds: day },
  invitePendingSeconds: { defaultSeconds: 7 * day, minimumSeconds: hour, maximumSeconds: 90 * day },
  externalAdministratorPendingSeconds: { defaultSeconds: 7 * day, minimumSeconds: hour, maximumSeconds: 90 * day },
} as const satisfies Record<string, DurationPolicy>;

/** Durations that only one kind of organization sets: it has no meaning, or the wrong one, anywhere else. */
export const policyOfKind: Partial<Record<string, 'partner'>> = { externalAdministratorPendingSeconds: 'partner' };

export type DurationPolicyName = keyof typeof durationPolicies;

export const durationPolicyNames = Object.keys(durationPolicies) as DurationPolicyName[];

/** What holds for an organization: its own setting or the default. */
export function policySeconds(policy: Partial<Record<string, number>>, name: DurationPolicyName): number {
  return policy[name] ?? durationPolicies[name].defaultSeconds;
}

/** The deployment's usual minimum; only a smaller one (a short clock for tests) lowers the bounds of the domain. */
export const usualMinimumSeconds = 5 * minute;

export function policyMinimum(name: DurationPolicyName, deploymentMinimumSeconds: number): number {
  return deploymentMinimumSeconds < usualMinimumSeconds
    ? deploymentMinimumSeconds
    : Math.max(durationPolicies[name].minimumSeconds, deploymentMinimumSeconds);
}

type CommonPolicyName = Exclude<DurationPolicyName, 'externalAdministratorPendingSeconds'>;

const termDays = z.int().min(1).max(longestTermDays).nullable().optional();

/** What of a customer's lasts only so long unless it is renewed. */
export const termNames = ['relationshipTermDays', 'externalAdministratorTermDays'] as const;

export const organizationPolicy = z
  .object({
    ...(Object.fromEntries(durationPolicyNames.map((name) => [name, z.int().positive()])) as Record<
      CommonPolicyName,
      z.ZodInt
    >),
    /** A partner's alone; it is not there for the others. */
    externalAdministratorPendingSeconds: z.int().positive().optional(),
    /** What somebody proves before they approve, end others' access, or change policy, authentication and keys. */
    approvalAssurance: z.enum(approvalAssurances),
    /** A customer's alone: how long its partners stay unless they are renewed; null for no term. */
    relationshipTermDays: termDays,
    /** A customer's alone: how long an external administrator stays without being renewed; null for no term. */
    externalAdministratorTermDays: termDays,
  })
  .meta({ id: 'OrganizationPolicy' });
