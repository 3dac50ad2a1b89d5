/** Fields by which a representation is of one resource: an alias is its address; the rest is about one caller. */
export const identities = ['id', 'address', 'memberships', 'settings'] as const;
