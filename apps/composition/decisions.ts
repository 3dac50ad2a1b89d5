import { putInForce } from '#access';
import { deriveKeys, type CompleteConfig } from '#config';
import { Decisions, DeliveredNudges, loadMatrices, type Nudge } from '#decisions';
import type { Database } from '#persistence';
import type { TemporalClient } from '#temporal';
import { countDecision } from './counters.ts';

/**
 * Decisions whose workflows hear of them at once. That is the fast path: when it fails, or the process dies on it, the
 * relay does it a second later, so nobody waits for it and its failure is nobody's error.
 */
export function decisionsWithFastPath(config: CompleteConfig, database: Database, temporal: TemporalClient): Decisions {
  // Whoever decides passes here before the first question, so a wrong file refuses the start.
  putInForce(loadMatrices(config.roleMatrixFile));
  const settings = {
    minimumDurationSeconds: config.minimumDurationSeconds,
    asksPerHour: config.asksPerHour,
    inviteKeys: deriveKeys(config.payloadKeys, 'invite-links'),
    sealingKeys: deriveKeys(config.payloadKeys, 'stored-secrets'),
    attachWithoutApproval: config.attachWithoutApproval,
    allowPrivateAddresses: config.allowPrivateAddresses,
  };
  const delivered = new DeliveredNudges(database);
  const afterCommit = (nudges: readonly Nudge[]) => void tell(temporal, delivered, nudges);
  return new Decisions(database, settings, afterCommit, countDecision);
}

async function tell(temporal: TemporalClient, delivered: DeliveredNudges, nudges: readonly Nudge[]): Promise<void> {
  try {
    await Promise.all(nudges.map((nudge) => temporal.nudge(nudge)));
    delivered.add(nudges);
  } catch {
    // The relay finds what was not marked as delivered.
  }
}
