import { permits, type Access } from './effective-access.ts';
import type { Ruling } from './subject.ts';

export const allowed = (by: string): Ruling => ({ allowed: true, by });
export const refused = (code: string): Ruling => ({ allowed: false, code });

/**
 * Allowed by the strongest reason that carries the action, else refused with the code; with that of restricted
 * administrator mode where nothing but the mode stands between the subject and the action.
 */
export function rulingOf(access: Access, action: string, code: string): Ruling {
  if (!permits(access, action))
    return refused(isRestrictedAway(access, action) ? 'restricted_administrator_mode' : code);
  const reason = access.reasons.find(({ level }) => level !== undefined && permits({ level }, action));
  return reason ? allowed(reason.id) : refused(code);
}

const isRestrictedAway = ({ restriction, reasons }: Access, action: string): boolean =>
  restriction !== undefined &&
  reasons.some(({ level }) => level !== undefined && permits({ level }, action)) &&
  !reasons.some(({ kind }) => kind === 'feature');

/** The first refusal of several judgements, else the last of them: every part must be allowed. */
export function everyRuling(first: Ruling, ...others: readonly (() => Ruling)[]): Ruling {
  let ruling = first;
  for (const judge of others) {
    if (!ruling.allowed) return ruling;
    ruling = judge();
  }
  return ruling;
}

/** The first judgement that allows, else the last refusal: any of several standings will do. */
export function anyRuling(first: Ruling, ...others: readonly (() => Ruling)[]): Ruling {
  let ruling = first;
  for (const judge of others) {
    if (ruling.allowed) return ruling;
    ruling = judge();
  }
  return ruling;
}
