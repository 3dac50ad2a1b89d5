/** `use` belongs to workspace permissions, `read` and `write` to everything else; they never meet in one setting. */
export type AccessLevel = 'none' | 'read' | 'write' | 'use';

export const rank: Readonly<Record<AccessLevel, number>> = { none: 0, read: 1, use: 2, write: 2 };

export const highest = (levels: readonly AccessLevel[]): AccessLevel =>
  levels.reduce<AccessLevel>((best, level) => (rank[level] > rank[best] ? level : best), 'none');

export const lowest = (one: AccessLevel, other: AccessLevel): AccessLevel => (rank[other] < rank[one] ? other : one);

/** Why somebody has, or has not, access. */
export interface Reason {
  kind: 'role' | 'grant' | 'session' | 'restriction' | 'feature';
  /** A role's id, the id of the grant's or session's row, of the restricted setting, or of the missing feature. */
  id: string;
  level?: AccessLevel;
  /** When this reason ends by itself; lasting ones have none. */
  until?: Date;
}
