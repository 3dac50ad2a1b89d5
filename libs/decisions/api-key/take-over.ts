import type { ApiKeyView, RenewApiKey } from '#contracts';
import type { Decision } from '../decision.ts';
import type { Precondition } from '../precondition.ts';
import { renewApiKey } from './renew.ts';

/**
 * From now on the key answers to whoever takes it over, and stays when its maker goes. They get a new token, since the
 * maker knows the former one: that one ends with the overlap, or with the maker's right where that ends sooner.
 */
export const takeOverApiKey = (
  decision: Decision,
  key: { organizationId: string; apiKeyId: string },
  input: RenewApiKey,
  precondition?: Precondition,
): Promise<{ view: ApiKeyView; token: string }> =>
  renewApiKey(decision, key, input, { action: 'api-key.taken-over', takesOver: true }, precondition);
