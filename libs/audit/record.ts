import { randomBytes } from 'node:crypto';
import type { RecordedStanding } from '#access';
import { AuditEvent, type AuditActor, type EntityManager, type PersonalData } from '#persistence';
import { uuidv7 } from 'uuidv7';
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
  /** Of whatever gives access, what this changed, as it is from now on: who had access when is read from it. */
  standing?: RecordedStanding;
  /** A person's words, names and addresses. */
  personal?: PersonalData;
  grantId?: string | null;
  at: Date;
}

/** Writes the event in the caller's transaction, so that a change and its record happen together or not at all. */
export function record(em: EntityManager, occurrence: Occurrence): AuditEvent {
  return em.create(AuditEvent, contentOf(occurrence));
}

/** An event as it will be on the trail. */
export type WrittenEvent = ReturnType<typeof contentOf> & { id: string };

/** An event to be written by a statement of its own kind, `insertEvents`. */
export const eventOf = (occurrence: Occurrence): WrittenEvent => ({ id: uuidv7(), ...contentOf(occurrence) });

/**
 * As `record`, for an event that only organizations beyond the caller's reach may read: row-level security lets it be
 * written, but not read back, as the entity manager would.
 */
export async function recordUnseen(em: EntityManager, occurrence: Occurrence): Promise<void> {
  const { sql, values } = insertEvents([eventOf(occurrence)]);
  await em.execute(sql, values);
}

/** The statement that writes the events, in their order, and reads nothing back. */
export function insertEvents(events: readonly WrittenEvent[]): { sql: string; values: unknown[] } {
  const rows = events.map(
    () => '(?, ?, ?::jsonb, ?::uuid[], ?::jsonb, ?, ?::jsonb, ?::jsonb, ?, ?, ?::uuid, ?::timestamptz)',
  );
  return {
    sql: `insert into audit_event (id, action, actor, organization_ids, subject, outcome, facts, personal, salt,
                                   personal_digest, grant_id, at)
          values ${rows.join(', ')}`,
    values: events.flatMap((event) => [
      event.id,
      event.action,
      JSON.stringify(event.actor),
      `{${event.organizationIds.join(',')}}`,
      JSON.stringify(event.subject),
      event.outcome,
      JSON.stringify(event.facts),
      JSON.stringify(event.personal),
      event.salt,
      event.personalDigest,
      event.grantId,
      event.at,
    ]),
  };
}

function contentOf(occurrence: Occurrence) {
  const salt = randomBytes(16).toString('base64url');
  // The round trip through JSON makes the digest that of what the database will give back.
  const personal: PersonalData = JSON.parse(JSON.stringify(occurrence.personal ?? {}));
  return {
    action: occurrence.action,
    actor: occurrence.actor,
    organizationIds: [...new Set(occurrence.organizationIds)],
    subject: occurrence.subject,
    outcome: occurrence.outcome ?? 'success',
    facts: { ...occurrence.facts, ...(occurrence.standing && { standing: occurrence.standing }) },
    personal,
    salt,
    personalDigest: personalDigest(salt, personal),
    grantId: occurrence.grantId ?? null,
    at: occurrence.at,
  };
}
