import { z } from 'zod';
import { organizationSlug } from './session.ts';
import { plainText } from './scalars.ts';

export const recoverOrganization = z.strictObject({ organizationSlug, recoveryCode: plainText(100).min(1) }).meta({
  id: 'RecoverOrganization',
  example: { organizationSlug: 'harbour-hotels', recoveryCode: 'abcd-efgh-jkmn-pqrs' },
});

export const organizationRecoveryCodes = z
  .object({ recoveryCodes: z.array(z.string()) })
  .meta({ id: 'OrganizationRecoveryCodes' });

export const organizationRecoveryCodesLeft = z
  .object({ recoveryCodesLeft: z.int() })
  .meta({ id: 'OrganizationRecoveryCodesLeft' });

export type RecoverOrganization = z.infer<typeof recoverOrganization>;
