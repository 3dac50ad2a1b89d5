import { scimSchemas } from '#contracts';

export const mostUsers = 200;

const inOrganization = '/scim/v2/{organizationId}';
const read = { get: {} };

/** What may be asked where, since the OpenAPI document does not tell it. */
export const scimAddresses = {
  paths: {
    [`${inOrganization}/ServiceProviderConfig`]: read,
    [`${inOrganization}/ResourceTypes`]: read,
    [`${inOrganization}/ResourceTypes/{name}`]: read,
    [`${inOrganization}/Schemas`]: read,
    [`${inOrganization}/Schemas/{name}`]: read,
    [`${inOrganization}/.search`]: { post: {} },
    [`${inOrganization}/Users`]: { get: {}, post: {} },
    [`${inOrganization}/Users/.search`]: { post: {} },
    [`${inOrganization}/Users/{userId}`]: { get: {}, put: {}, patch: {}, delete: {} },
  },
};

/** What a directory may rely on (RFC 7643, 5). */
export const serviceProviderConfig = (baseUrl: string) => ({
  schemas: [scimSchemas.provider],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: mostUsers },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Directory token',
      description: 'The token that an Owner or a full administrator made for this directory',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
});

export const userResourceType = (baseUrl: string) => ({
  schemas: [scimSchemas.resourceType],
  id: 'User',
  name: 'User',
  endpoint: '/Users',
  description: 'Whom the directory names',
  schema: scimSchemas.user,
  meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/User` },
});

interface Attribute {
  name: string;
  type: 'string' | 'boolean' | 'complex';
  description: string;
  multiValued?: boolean;
  required?: boolean;
  caseExact?: boolean;
  uniqueness?: 'none' | 'server';
  subAttributes?: Attribute[];
}

const described = ({ subAttributes, ...attribute }: Attribute): object => ({
  multiValued: false,
  required: false,
  ...(attribute.type === 'string' && { caseExact: false, uniqueness: 'none' }),
  mutability: 'readWrite',
  returned: 'default',
  ...attribute,
  ...(subAttributes && { subAttributes: subAttributes.map(described) }),
});

const text = (name: string, description: string): Attribute => ({ name, type: 'string', description });

const userAttributes: Attribute[] = [
  { ...text('userName', 'Unique in the directory'), required: true, uniqueness: 'server' },
  { ...text('externalId', 'The id the directory has for the person'), caseExact: true },
  text('displayName', 'What the person is called'),
  {
    name: 'name',
    type: 'complex',
    description: 'The parts of the name',
    subAttributes: [
      text('formatted', 'The whole name'),
      text('familyName', 'Family name'),
      text('givenName', 'Given name'),
    ],
  },
  {
    name: 'emails',
    type: 'complex',
    multiValued: true,
    required: true,
    description: 'Addresses; an invite goes to the primary one',
    subAttributes: [
      { ...text('value', 'The address'), required: true },
      text('type', 'Such as work'),
      { name: 'primary', type: 'boolean', description: 'Where mails go' },
    ],
  },
  { name: 'active', type: 'boolean', description: 'Whether the person is to be a member' },
];

export const userSchema = (baseUrl: string) => ({
  schemas: [scimSchemas.schema],
  id: scimSchemas.user,
  name: 'User',
  description: 'A person of the directory',
  attributes: userAttributes.map(described),
  meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${scimSchemas.user}` },
});

export const listed = (resources: readonly object[], total = resources.length, startIndex = 1) => ({
  schemas: [scimSchemas.list],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});
