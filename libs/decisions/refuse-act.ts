import { isErrorCode, Refusal, type ErrorCode, type RefusalDetails } from '#contracts';

export interface PrivilegedAct {
  action: string;
  organizationIds: readonly string[];
  subject: { kind: string; id: string };
  /** The true reason, where the answer must not tell it: what may not be seen is not found. */
  because?: string | undefined;
  /** Each organization gets an event of its own, which does not name the others. */
  isApart?: boolean;
  /** What else the trail tells of the try; no personal data. */
  facts?: Record<string, unknown>;
}

/** A refusal that goes on record: somebody tried a privileged act and was not let. */
export class RefusedAct extends Refusal {
  constructor(
    code: ErrorCode,
    details: RefusalDetails,
    readonly act: PrivilegedAct,
  ) {
    super(code, details);
  }
}

/** Throws the refusal of a privileged act, so that it goes on record. A code that is not ours is a plain `forbidden`. */
export function refuseAct(act: PrivilegedAct, code: string, details: RefusalDetails = {}): never {
  throw new RefusedAct(isErrorCode(code) ? code : 'forbidden', details, act);
}
