import { deriveKeys, type CompleteConfig } from '#config';
import type { FactorKeys } from '#decisions';

/** What second factors are checked with: the address devices know this service by, and the key app secrets are under. */
export const factorKeysOf = ({ publicUrl, payloadKeys }: CompleteConfig): FactorKeys => ({
  party: { origin: new URL(publicUrl).origin },
  sealingKeys: deriveKeys(payloadKeys, 'stored-secrets'),
});
