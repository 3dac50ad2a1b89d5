import { issuerOf } from '#decisions';
import { pushDelivery } from '#contracts';

const inOrganization = '/ssf/{organizationId}';

/** What may be asked where, since the OpenAPI document does not tell it. */
export const signalAddresses = {
  paths: {
    [`/.well-known/ssf-configuration${inOrganization}`]: { get: {} },
    '/ssf/jwks.json': { get: {} },
    [`${inOrganization}/streams`]: { get: {}, post: {}, patch: {}, put: {}, delete: {} },
    [`${inOrganization}/status`]: { get: {}, post: {} },
    [`${inOrganization}/verification`]: { post: {} },
  },
};

/** SSF 1.0, 7.1. The same for every id: that an organization is there is nobody's to learn here. */
export function transmitterConfiguration(publicUrl: string, organizationId: string) {
  const issuer = issuerOf(publicUrl, organizationId);
  return {
    spec_version: '1_0',
    issuer,
    jwks_uri: `${publicUrl}/ssf/jwks.json`,
    delivery_methods_supported: [pushDelivery],
    configuration_endpoint: `${issuer}/streams`,
    status_endpoint: `${issuer}/status`,
    verification_endpoint: `${issuer}/verification`,
    authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6750' }],
    default_subjects: 'ALL',
  };
}
