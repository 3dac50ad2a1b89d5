import type { ApiKeyScope, Assurance } from '#access';
import { asSystem, type SignInMethod, type TenancyContext } from '#persistence';

/** Who is calling. Rights are not in here: they are read live by whoever decides. */
export type Principal =
  | {
      kind: 'account';
      accountId: string;
      displayName: string;
      email: string;
      sessionId: string;
      method: SignInMethod;
      /** The organization a single sign-on was made at; it acts in no other. */
      sessionOrganizationId: string | null;
      sessionExpiresAt: Date;
      /** How surely, and when last, the person proved who they are. */
      assurance: Assurance;
      /** A home member of the platform organization, with a second factor behind this session. */
      support: boolean;
      /** Memberships count in this session only where the organization allows the way it was signed in. */
      openOrganizationIds: readonly string[];
      /** Memberships that another way of signing in would open. */
      closedOrganizationIds: readonly string[];
      /** Memberships that a second factor would open in this session. */
      unprovenOrganizationIds: readonly string[];
      tenancy: TenancyContext;
      /** Where, and under which tenancy, the person may say no, if nothing else. */
      objecting: { organizationIds: readonly string[]; tenancy: TenancyContext };
    }
  | {
      kind: 'service';
      apiKeyId: string;
      name: string;
      organizationId: string;
      /** What the key is for. */
      scopes: readonly ApiKeyScope[];
      /** From where it may be used; empty means from anywhere. */
      allowedNetworks: readonly string[];
      tenancy: TenancyContext;
    }
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

export const bootstrapSupport: Principal = { kind: 'support', tenancy: asSystem };
