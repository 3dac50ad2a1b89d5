import { Grant, type EntityManager } from '#persistence';

/** The elevation that lets this person change the organization's settings at this moment, or null. */
export const liveGrantOf = (
  em: EntityManager,
  accountId: string,
  organizationId: string,
  now: Date,
): Promise<Grant | null> =>
  em.findOne(Grant, { accountId, organizationId, kind: 'elevation', status: 'active', expiresAt: { $gt: now } });
