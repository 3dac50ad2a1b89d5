/** Who had access to an organization at a moment or in a period, from what the trail tells. */
import { access, type Access } from './effective-access.ts';
import { StandingOnRecord, type RecordedStanding } from './recorded-standing.ts';
import { matricesInForce, type Matrices } from './role-matrix.ts';
import { settings } from './settings.ts';

/** What an event told, and when that came into force. */
export interface RecordedChange {
  at: Date;
  standing: RecordedStanding;
}

export interface HadAccess extends Access {
  accountId: string;
}

/** From when to when it was so, within the period asked for. */
export interface AccessInterval extends HadAccess {
  from: Date;
  to: Date;
}

interface Question {
  organizationId: string;
  /** Without one: everybody. */
  accountId?: string | undefined;
}

const inOrder = (changes: readonly RecordedChange[]): RecordedChange[] =>
  changes.toSorted((one, other) => one.at.getTime() - other.at.getTime());

/** All that was told up to the moment, itself included. */
export function standingOnRecord(changes: readonly RecordedChange[], at: Date): StandingOnRecord {
  const record = new StandingOnRecord();
  for (const change of inOrder(changes)) if (change.at <= at) record.add(change.standing);
  return record;
}

/** Everybody's access to every setting at the moment; who had none is not in the list. */
export function whoHadAccess(
  changes: readonly RecordedChange[],
  question: Question,
  at: Date,
  matrices: Matrices = matricesInForce(),
): HadAccess[] {
  return accessBy(standingOnRecord(changes, at), question, at, matrices);
}

function accessBy(
  record: StandingOnRecord,
  { organizationId, accountId }: Question,
  at: Date,
  matrices: Matrices,
): HadAccess[] {
  const target = record.target(organizationId);
  if (!target) return [];
  const people = accountId === undefined ? record.peopleAround(organizationId) : [accountId];
  return people.flatMap((id) => {
    const subject = record.subject(id);
    return settings
      .map((setting) => ({ accountId: id, ...access(subject, target, setting, at, matrices) }))
      .filter(({ level }) => level !== 'none');
  });
}

/**
 * As `whoHadAccess`, for every moment of a period: each access with the time it lasted. Access changes when an event says
 * so and when a time runs out that an event told; between two such moments nothing can.
 */
export function whoHadAccessBetween(
  changes: readonly RecordedChange[],
  question: Question,
  { from, to }: { from: Date; to: Date },
  matrices: Matrices = matricesInForce(),
): AccessInterval[] {
  const record = new StandingOnRecord();
  const ordered = inOrder(changes);
  const open = new Map<string, AccessInterval>();
  const closed: AccessInterval[] = [];
  let next = 0;
  for (const moment of momentsOf(ordered, from, to)) {
    const at = new Date(moment);
    for (; next < ordered.length; next += 1) {
      const change = ordered[next];
      if (!change || change.at > at) break;
      record.add(change.standing);
    }
    const present = new Map<string, HadAccess>(
      accessBy(record, question, at, matrices).map((one) => [`${one.accountId} ${one.setting}`, one]),
    );
    for (const [key, interval] of open) {
      const still = present.get(key);
      if (still && isSame(still, interval)) continue;
      closed.push({ ...interval, to: at });
      open.delete(key);
    }
    for (const [key, one] of present) if (!open.has(key)) open.set(key, { ...one, from: at, to });
  }
  return [...closed, ...open.values()].toSorted((one, other) => one.from.getTime() - other.from.getTime());
}

/** The moments within the period at which anybody's access may have changed, the beginning first. */
function momentsOf(changes: readonly RecordedChange[], from: Date, to: Date): number[] {
  const ends = changes.flatMap(({ at, standing }) => [
    at,
    ...(standing.memberships ?? []).map((one) => ('until' in one ? one.until : null)),
    ...(standing.grants ?? []).flatMap((one) => ('expiresAt' in one ? [one.startsAt, one.expiresAt] : [])),
  ]);
  const within = ends.flatMap((end) => (end && from < end && end < to ? [end.getTime()] : []));
  return [...new Set([from.getTime(), ...within])].sort((one, other) => one - other);
}

const isSame = (one: Access, other: Access): boolean =>
  one.level === other.level && one.restriction === other.restriction && reasonsOf(one) === reasonsOf(other);

const reasonsOf = ({ reasons }: Access): string =>
  reasons.map(({ kind, id, until }) => `${kind} ${id} ${until?.toISOString() ?? ''}`).join(', ');
