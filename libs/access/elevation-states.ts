import type { Transitions } from './transitions.ts';

export const elevationStatuses = ['pending', 'approved', 'denied', 'cancelled', 'expired'] as const;
export type ElevationStatus = (typeof elevationStatuses)[number];

export const elevationTransitions: Transitions<ElevationStatus> = {
  pending: ['approved', 'denied', 'cancelled', 'expired'],
  approved: [],
  denied: [],
  cancelled: [],
  expired: [],
};

export const grantStatuses = ['active', 'expired', 'revoked', 'returned', 'superseded', 'ended'] as const;
export type GrantStatus = (typeof grantStatuses)[number];

/** `superseded`: an extension took its place; `ended`: role, membership or relationship went. */
export const grantTransitions: Transitions<GrantStatus> = {
  active: ['expired', 'revoked', 'returned', 'superseded', 'ended'],
  expired: [],
  revoked: [],
  returned: [],
  superseded: [],
  ended: [],
};
