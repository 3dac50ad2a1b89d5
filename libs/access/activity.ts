/** What was done with a temporary access, as the services tell it that let it be done. */
import { allowed, refused } from './ruling.ts';
import { bothMay, homeMembershipsIn } from './standing.ts';
import type { Ruling, Subject } from './subject.ts';

/** Clocks of services differ, and what was begun in time ends a little later. */
export const activityLeewaySeconds = 5 * 60;

export interface AccessLife {
  startsAt: Date;
  /** When it ended, or will by the clock. */
  endsAt: Date;
}

/**
 * A service of the customer, or of the partner whose person holds the access: whoever could ask before the act tells of it
 * afterwards. A person tells of nothing: it would be their word about themselves.
 */
export const mayReportActivity = (
  subject: Subject,
  { organizationId, partnerId }: { organizationId: string; partnerId: string },
  now: Date,
): Ruling =>
  subject.onBehalfOf !== undefined &&
  [organizationId, partnerId].some((id) => bothMay(subject, (one) => homeMembershipsIn(one, id, now).length > 0))
    ? allowed('service')
    : refused('service_required');

/** Whether the access was open at that moment, give or take the leeway; nothing is told of the future. */
export function isWithinLife({ startsAt, endsAt }: AccessLife, at: Date, now: Date): boolean {
  const leeway = activityLeewaySeconds * 1000;
  const last = Math.min(endsAt.getTime(), now.getTime());
  return at.getTime() >= startsAt.getTime() - leeway && at.getTime() <= last + leeway;
}
