import { createHash } from 'node:crypto';
import { canonicalJson } from '#audit';
import type { ActivityView } from '#contracts';
import type { Activity } from '#persistence';

type Told = Omit<ActivityView, 'digest' | 'reportedAt'>;

/** Of what was told, as the trail keeps it. The id is random enough that nobody guesses the words from it. */
export const digestOf = (told: Told): string => createHash('sha256').update(canonicalJson(told)).digest('base64url');

export function viewActivity(row: Activity): ActivityView {
  const told: Told = {
    id: row.id,
    grantId: row.grantId,
    action: row.action,
    resource: row.resource,
    at: row.at.toISOString(),
    outcome: row.outcome,
    externalId: row.externalId,
    reportedBy: { id: row.reporterKeyId, organizationId: row.reporterOrganizationId },
  };
  return { ...told, reportedAt: row.createdAt.toISOString(), digest: digestOf(told) };
}
