import type { ApiKeyView, RenewApiKey } from '#contracts';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { renewApiKey } from './renew.ts';

/** A new token for the same key; the former one goes on beside it for a while. For the person the key answers to. */
export const rotateApiKey = (
  decision: Decision,
  key: { organizationId: string; apiKeyId: string },
  input: RenewApiKey,
  precondition?: Precondition,
): Promise<{ view: ApiKeyView; token: string }> =>
  renewApiKey(decision, key, input, { action: 'api-key.rotated', takesOver: false }, precondition);
