import { randomBytes } from 'node:crypto';
import { AuditEvent, type AuditActor, type EntityManager, type PersonalData } from '#persistence';
import { personalDigest } from './personal-digest.ts';

export interface Occurrence {
  /** Feature and past-tense verb: `elevation.approved`. */
  action: string;
  actor: AuditActor;
  /** Every organization that sees the event: both sides of a two-sided act. */
  organizationIds: readonly string[];
  subject: { kind: string; id: string };
  outcome?: 'success' | 'refused';
  /** Ids, states, codes and times: nothing that names a person. */
  facts?: Record<string, unknown>;
  /** A person's words, names and addresses. */
  personal?: PersonalData;
  grantId?: string | null;
  at: Date;
}

/** Writes the event in the caller's transaction, so that a change and its record happen together or not at all. */
export function record(em: EntityManager, occurrence: Occurrence): AuditEvent {
  const salt = randomBytes(16).toString('base64url');
  // The round trip through JSON makes the digest that of what the database will give back.
  const personal: PersonalData = JSON.parse(JSON.stringify(occurrence.personal ?? {}));
  return em.create(AuditEvent, {
    action: occurrence.action,
    actor: occurrence.actor,
    organizationIds: [...new Set(occurrence.organizationIds)],
    subject: occurrence.subject,
    outcome: occurrence.outcome ?? 'success',
    facts: occurrence.facts ?? {},
    personal,
    salt,
    personalDigest: personalDigest(salt, personal),
    grantId: occurrence.grantId ?? null,
    at: occurrence.at,
  });
}
