import type { AuditEventView } from '#contracts';
import type { PersonalData } from '#persistence';
import type { SealedContent } from './chain.ts';
import { sealedColumns } from './read-chain.ts';

/** SQL for all of `event` that is shown; its place in a chain is the query's to tell. */
export const viewColumns = `${sealedColumns}, event.personal`;

export interface StoredEvent extends SealedContent {
  position: number | null;
  outcome: 'success' | 'refused';
  personal: PersonalData | null;
}

/** An event as the organization sees it, on the page, in the API and in webhooks. */
export function viewEvent(event: StoredEvent): AuditEventView {
  const { position, id, action, actor, organizationIds, subject, outcome, facts, grantId, at, personal } = event;
  const displayName = actor.id === null ? undefined : personal?.names?.[actor.id];
  return {
    position,
    id,
    action,
    actor: { ...actor, ...(displayName !== undefined && { displayName }) },
    organizationIds,
    subject,
    reason: personal?.reason ?? null,
    outcome,
    facts,
    sourceAddress: personal?.sourceAddress ?? null,
    at,
    grantId,
  };
}
