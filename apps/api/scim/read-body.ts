import { scimPatch, ScimError, type ScimPatchOperation, type ScimResource } from 'scim-patch';
import {
  Refusal,
  scimPatchInput,
  scimSearchInput,
  scimUserInput,
  type ScimPatchOperations,
  type ScimType,
  type ScimUserInput,
} from '#contracts';
import { errorsOf } from '../problem/validation.ts';

const deepest = 8;
const mostValues = 5000;
/** Names that reach behind an object's own fields. */
const unsafeNames = /(?:^|[.[])(?:__proto__|constructor|prototype)(?:$|[.[\]])/i;

const refused = (scimType: ScimType, message: string, pointer = '') =>
  new Refusal('invalid_request', { scimType, errors: [{ pointer, message }] });

/** Before anything walks through it: nothing a directory says of a person is deep, and names are names. */
function requirePlain(body: unknown): void {
  const left: { value: unknown; depth: number }[] = [{ value: body, depth: 0 }];
  for (let seen = 0; left.length > 0; seen += 1) {
    const { value, depth } = left.pop()!;
    if (depth > deepest || seen > mostValues) throw refused('invalidSyntax', 'Too deep or too long');
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      if (unsafeNames.test(name)) throw refused('invalidPath', 'There is no such attribute');
      left.push({ value: inner, depth: depth + 1 });
    }
  }
}

export function userIn(body: unknown): ScimUserInput {
  requirePlain(body);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refused('invalidSyntax', 'An object');
  return checked(withCanonicalNames(body));
}

export function operationsIn(body: unknown): ScimPatchOperations {
  requirePlain(body);
  // Entra ID writes `Operations`, others `operations`.
  const parsed = scimPatchInput.safeParse(canonical(body ?? {}));
  if (!parsed.success)
    throw new Refusal('invalid_request', { scimType: 'invalidSyntax', errors: errorsOf(parsed.error.issues) });
  return parsed.data.Operations;
}

/** A search as the same thing in an address would be. */
export function searchIn(body: unknown): Record<string, unknown> {
  requirePlain(body);
  const parsed = scimSearchInput.safeParse(body ?? {});
  if (!parsed.success)
    throw new Refusal('invalid_request', { scimType: 'invalidSyntax', errors: errorsOf(parsed.error.issues) });
  const { attributes, excludedAttributes, filter, startIndex, count } = parsed.data;
  return {
    filter,
    ...(startIndex !== undefined && { startIndex: String(startIndex) }),
    ...(count !== undefined && { count: String(count) }),
    attributes: attributes?.join(','),
    excludedAttributes: excludedAttributes?.join(','),
  };
}

/** The user after the operations, all or none; judged as if it had been sent whole. */
export function patched(present: ScimUserInput, operations: ScimPatchOperations): ScimUserInput {
  const resource = structuredClone({
    schemas: [],
    meta: { created: new Date(), lastModified: new Date() },
    ...present,
  });
  const steps = operations.map(({ op, path, value }): ScimPatchOperation => {
    if (path !== undefined && unsafeNames.test(path))
      throw refused('invalidPath', 'There is no such attribute', '/path');
    const written = path === undefined ? undefined : canonicalPath(path);
    if (op === 'remove' && written === undefined) throw refused('noTarget', 'A removal names what it removes', '/path');
    return { op, value: canonical(value), ...(written !== undefined && { path: written }) } as ScimPatchOperation;
  });
  try {
    const changed: object = scimPatch(resource as unknown as ScimResource, steps, {
      mutateDocument: false,
      treatMissingAsAdd: true,
    });
    return checked(changed);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof ScimError) throw refused(typeOf(error), error.message);
    // What the library trips over, the directory has sent.
    throw refused('invalidPath', 'The operation does not fit the user');
  }
}

function checked(user: object): ScimUserInput {
  const parsed = scimUserInput.safeParse(user);
  if (!parsed.success)
    throw new Refusal('invalid_request', { scimType: 'invalidValue', errors: errorsOf(parsed.error.issues) });
  return parsed.data;
}

const typeOf = (error: ScimError): ScimType => {
  const said: unknown = 'scimCode' in error ? error.scimCode : undefined;
  return said === 'noTarget' || said === 'invalidPath' || said === 'invalidValue' ? said : 'invalidSyntax';
};

/** Attribute names are compared without regard to case (RFC 7643, 2.1); from here on they are written in one way. */
const canonicalNames: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'userName',
    'externalId',
    'displayName',
    'name',
    'emails',
    'active',
    'roles',
    'entitlements',
    'schemas',
    'Operations',
    'formatted',
    'familyName',
    'givenName',
    'value',
    'type',
    'primary',
  ].map((name) => [name.toLowerCase(), name]),
);
const userSchema = /^urn:ietf:params:scim:schemas:core:2\.0:user:/i;

const canonicalPath = (path: string): string =>
  path
    .replace(userSchema, '')
    .replaceAll(/"[^"]*"|[A-Za-z]+/g, (word) =>
      word.startsWith('"') ? word : (canonicalNames[word.toLowerCase()] ?? word),
    );

function withCanonicalNames(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [canonicalPath(name), canonical(inner)]),
  );
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  return typeof value === 'object' && value !== null ? withCanonicalNames(value) : value;
}
