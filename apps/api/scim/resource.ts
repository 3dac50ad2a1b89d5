import { scimSchemas, type ScimUserInput, type ScimUserView } from '#contracts';
import type { ScimUser } from '#persistence';

export const versionOf = ({ edition }: ScimUser): string => `W/"${edition}"`;

export function viewScimUser(user: ScimUser, baseUrl: string): ScimUserView {
  return {
    schemas: [scimSchemas.user],
    id: user.id,
    ...(user.externalId !== null && user.externalId !== undefined && { externalId: user.externalId }),
    userName: user.userName,
    ...(user.displayName && { displayName: user.displayName }),
    ...(Object.keys(user.name).length > 0 && { name: user.name }),
    ...(user.emails.length > 0 && { emails: user.emails }),
    active: user.active,
    meta: {
      resourceType: 'User',
      created: user.createdAt.toISOString(),
      lastModified: user.changedAt.toISOString(),
      location: `${baseUrl}/Users/${user.id}`,
      version: versionOf(user),
    },
  };
}

/** What may be changed of a user, as a directory would write it. */
export const writable = (user: ScimUser): ScimUserInput => ({
  userName: user.userName,
  externalId: user.externalId ?? undefined,
  displayName: user.displayName ?? undefined,
  name: user.name,
  emails: user.emails.map(({ value, type, primary }) => ({ value, type, primary })),
  active: user.active,
  roles: undefined,
  entitlements: undefined,
});

export interface Selection {
  attributes: readonly string[] | null;
  excluded: readonly string[];
}

/** RFC 7644, 3.9: what was asked for, and always what names the resource. */
export function selectFrom(view: object, { attributes, excluded }: Selection): object {
  const always = new Set(['schemas', 'id']);
  return Object.fromEntries(
    Object.entries(view).flatMap(([name, value]: [string, unknown]) => {
      const key = name.toLowerCase();
      if (always.has(key)) return [[name, value]];
      if (attributes === null) return excluded.includes(key) ? [] : [[name, without(value, key, excluded)]];
      if (attributes.includes(key)) return [[name, value]];
      const chosen = only(value, key, attributes);
      return chosen === undefined ? [] : [[name, chosen]];
    }),
  );
}

function without(value: unknown, key: string, excluded: readonly string[]): unknown {
  const isKept = ([part]: [string, unknown]) => !excluded.includes(`${key}.${part.toLowerCase()}`);
  return inParts(value, (entries) => entries.filter(isKept));
}

function only(value: unknown, key: string, attributes: readonly string[]): unknown {
  if (!attributes.some((attribute) => attribute.startsWith(`${key}.`))) return undefined;
  const isKept = ([part]: [string, unknown]) => attributes.includes(`${key}.${part.toLowerCase()}`);
  return inParts(value, (entries) => entries.filter(isKept));
}

type Entries = [string, unknown][];

function inParts(value: unknown, keep: (entries: Entries) => Entries): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => inParts(one, keep));
  return typeof value === 'object' && value !== null ? Object.fromEntries(keep(Object.entries(value))) : value;
}
