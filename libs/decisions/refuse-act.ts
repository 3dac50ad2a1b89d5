import { isErrorCode, type RefusalDetails } from '#contracts';
import { RefusedAct, type PrivilegedAct } from './decision.ts';

export type { PrivilegedAct };

/** Throws the refusal of a privileged act, so that it goes on record. A code that is not ours is a plain `forbidden`. */
export function refuseAct(act: PrivilegedAct, code: string, details: RefusalDetails = {}): never {
  throw new RefusedAct(isErrorCode(code) ? code : 'forbidden', details, act);
}
