export { makeOrganizationRecoveryCodes } from './make-codes.ts';
export { readOrganizationRecoveryCodes } from './read-codes.ts';
export { recoverOrganization } from './recover.ts';
