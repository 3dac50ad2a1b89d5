import { earlierOf } from '#access';
import type { Relationship } from '#persistence';

/** When it ended, or will by its term; null for neither. */
export const endOf = ({ activeUntil, termEndsAt }: Pick<Relationship, 'activeUntil' | 'termEndsAt'>): Date | null =>
  earlierOf(activeUntil ?? null, termEndsAt ?? null);
