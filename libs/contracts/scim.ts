import { z } from 'zod';
import { displayName, email, plainText, singleLine } from './scalars.ts';

/** SCIM 2.0 (RFC 7643, 7644): what a directory may say of a person. What we do not keep is left out without a word. */
export const scimSchemas = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  provider: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
} as const;

/** The detail error keywords of RFC 7644, 3.12, that we answer with. */
export const scimTypes = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
] as const;
export type ScimType = (typeof scimTypes)[number];

const optionalText = (max: number) =>
  z
    .union([z.literal('').transform(() => undefined), singleLine(max)])
    .nullish()
    .transform((text) => text ?? undefined);

/** Entra ID sends words for truth values. */
const truth = z.preprocess(
  (value) => (typeof value === 'string' && /^(?:true|false)$/i.test(value) ? /^true$/i.test(value) : value),
  z.boolean(),
);

const emails = z
  .array(
    z.object({ value: email, type: optionalText(50), primary: truth.nullish().transform((is) => is ?? undefined) }),
  )
  .max(20);

/** Rights are given here, by people; a directory that sends them is told, or its administrator would think they were. */
const noRights = z
  .unknown()
  .optional()
  .refine((value) => value === undefined || value === null || (Array.isArray(value) && value.length === 0), {
    message: 'Roles are given by people of the organization, not by its directory: do not send them',
  });

export const scimUserInput = z
  .object({
    userName: singleLine(254),
    externalId: plainText(255).nullish(),
    displayName: z.union([z.literal('').transform(() => undefined), displayName]).nullish(),
    name: z
      .object({ formatted: optionalText(200), familyName: optionalText(100), givenName: optionalText(100) })
      .nullish()
      .transform((name) => name ?? {}),
    emails: emails.nullish().transform((list) => list ?? []),
    active: truth.nullish().transform((active) => active ?? undefined),
    roles: noRights,
    entitlements: noRights,
  })
  .superRefine((user, context) => {
    if (user.emails.length === 0 && !email.safeParse(user.userName).success)
      context.addIssue({ code: 'custom', path: ['emails'], message: 'An address, here or as the userName' });
    if (user.emails.filter(({ primary }) => primary).length > 1)
      context.addIssue({ code: 'custom', path: ['emails'], message: 'One primary address at most' });
  });
export type ScimUserInput = z.infer<typeof scimUserInput>;

/** Where a person of a directory gets mails: the primary address, else the one at work, else the first, else the user name. */
export function addressOf({ emails: list, userName }: Pick<ScimUserInput, 'emails' | 'userName'>): string {
  const chosen = list.find(({ primary }) => primary) ?? list.find(({ type }) => type === 'work') ?? list[0];
  return chosen?.value ?? userName;
}

export const scimPatchInput = z.object({
  schemas: z.array(z.literal(scimSchemas.patch)).min(1),
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .transform((op) => op.toLowerCase())
          .pipe(z.enum(['add', 'remove', 'replace'])),
        path: z.string().max(500).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(100),
});
export type ScimPatchOperations = z.infer<typeof scimPatchInput>['Operations'];

const attributeNames = z.array(z.string().max(200)).max(50).optional();

export const scimSearchInput = z.object({
  attributes: attributeNames,
  excludedAttributes: attributeNames,
  filter: z.string().optional(),
  startIndex: z.int().min(-999_999_999).max(999_999_999).optional(),
  count: z.int().min(-999_999_999).max(999_999_999).optional(),
});

/** A user as a directory reads it back. */
export interface ScimUserView {
  schemas: [typeof scimSchemas.user];
  id: string;
  externalId?: string;
  userName: string;
  displayName?: string;
  name?: { formatted?: string | undefined; familyName?: string | undefined; givenName?: string | undefined };
  emails?: { value: string; type?: string | undefined; primary?: boolean | undefined }[];
  active: boolean;
  meta: { resourceType: 'User'; created: string; lastModified: string; location: string; version: string };
}
