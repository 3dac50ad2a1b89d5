import type { Subject } from '#access';
import { asSystem, type TenancyContext } from '#persistence';

/** Who is calling. Rights are not in here: they are read live by whoever decides. */
export type Principal =
  | {
      kind: 'account';
      accountId: string;
      displayName: string;
      email: string;
      sessionId: string;
      method: 'password' | 'sso';
      /** The organization an SSO session was made for; it acts in no other that does not allow SSO. */
      sessionOrganizationId: string | null;
      sessionExpiresAt: Date;
      /** A home member of the platform organization. */
      support: boolean;
      tenancy: TenancyContext;
    }
  | { kind: 'service'; apiKeyId: string; name: string; organizationId: string; tenancy: TenancyContext }
  /** The bootstrap token of the support team. */
  | { kind: 'support'; tenancy: TenancyContext };

/** The id under which rules and rate limits know the principal. */
export function principalKey(principal: Principal): string {
  switch (principal.kind) {
    case 'account':
      return `account:${principal.accountId}`;
    case 'service':
      return `service:${principal.apiKeyId}`;
    case 'support':
      return 'support';
  }
}

export function isSupport(principal: Principal): boolean {
  return principal.kind === 'support' || (principal.kind === 'account' && principal.support);
}

export const bootstrapSupport: Principal = { kind: 'support', tenancy: asSystem };

/** Organizations in which a subject has any standing. */
export function organizationsOf(subject: Subject): string[] {
  return [...new Set(subject.memberships.map((membership) => membership.organizationId))];
}
