import type { Viewer } from './viewer.ts';

export interface Link {
  text: string;
  href: string;
  current: boolean;
}

export interface Navigation {
  links: Link[];
  /** Whose pages the links are; null where there is only one organization, or none. */
  organizationName: string | null;
  /** The other organizations of the viewer, each with its first page. */
  others: Link[];
}

type Membership = Viewer['memberships'][number];

/** The pages an organization has, and who finds something there. The pages themselves judge; this only spares dead ends. */
const organizationPages: readonly { text: string; path: string; for: (membership: Membership) => boolean }[] = [
  {
    text: 'Who has access',
    path: 'access',
    for: ({ administratorRoles }) =>
      administratorRoles.some((role) => role === 'full_administrator' || role === 'read_only_administrator'),
  },
  {
    text: 'Teammates',
    path: 'teammates',
    for: ({ administratorRoles, workspaceRole }) => administratorRoles.length > 0 || workspaceRole !== null,
  },
  {
    text: 'Recovery codes',
    path: 'recovery-codes',
    for: ({ workspaceRole }) => workspaceRole === 'owner',
  },
  {
    text: 'Audit trail',
    path: 'audit',
    for: ({ administratorRoles, workspaceRole }) =>
      workspaceRole === 'owner' ||
      administratorRoles.some((role) => role === 'full_administrator' || role === 'read_only_administrator'),
  },
];

export function pagesOf(membership: Membership, path = ''): Link[] {
  return organizationPages
    .filter((page) => page.for(membership))
    .map((page) => {
      const href = `/organizations/${membership.organization.id}/${page.path}`;
      return { text: page.text, href, current: path === href };
    });
}

/** People of a partner whose roles list customers. */
export function hasCustomers({ organization, login }: Membership): boolean {
  return organization.kind === 'partner' && (login.helpDesk || login.partnerHub);
}

/** Links of the organization whose page is open, or of the viewer's first one, and the way to the others. */
export function navigationFor(viewer: Viewer, path: string, organizationId?: string): Navigation {
  const [first] = viewer.memberships;
  const present = viewer.memberships.find(({ organization }) => organization.id === organizationId) ?? first;
  const home: Link = { text: 'Home', href: '/', current: path === '/' };
  const helpDesk = viewer.memberships.some(hasCustomers)
    ? [{ text: 'Help desk', href: '/help-desk', current: path.startsWith('/help-desk') }]
    : [];
  const others = viewer.memberships
    .filter((membership) => membership !== present)
    .flatMap((membership) => {
      const [page] = pagesOf(membership);
      return page ? [{ text: membership.organization.name, href: page.href, current: false }] : [];
    });
  return {
    links: [home, ...helpDesk, ...(present ? pagesOf(present, path) : [])],
    organizationName: present && viewer.memberships.length > 1 ? present.organization.name : null,
    others,
  };
}
