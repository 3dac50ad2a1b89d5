import type { RecordedChange } from '#access';
import { recordedStanding } from '#contracts';
import type { ChainedEvent } from '../chain.ts';
import { parseLine } from '../export-format.ts';
import type { Verification } from '../verification.ts';
import { verifyExport, type VerifyOptions } from '../verify-export.ts';

/** What reports are made of: one or more exports, each verified while it was read. */
export interface TrailRead {
  organizationIds: string[];
  verifications: { organizationId: string; verification: Verification }[];
  /** Later than the earliest of these nothing can be told. */
  exportedAt: Date;
  changes: RecordedChange[];
  /** What people and services were last called, by id; erased names are not among them. */
  names: ReadonlyMap<string, string>;
  events: ChainedEvent[];
  /** Events from before the trail told of standing, by their number: what came by them is not known. */
  untold: number;
}

/** What gives or takes access always tells of it; one that does not is from before. */
const telling: ReadonlySet<string> = new Set([
  'organization.created',
  'relationship.began',
  'relationship.ended',
  'relationship.renewed',
  'relationship.term-set',
  'invite.accepted',
  'membership.workspace-role-changed',
  'membership.scope-changed',
  'membership.decrypt-access-changed',
  'membership.administrator-roles-assigned',
  'membership.removed',
  'membership.customers-assigned',
  'membership.customers-unassigned',
  'customer.services-set-up',
  'account.removed',
  'external-administrator.approved',
  'external-administrator.attached',
  'external-administrator.changed',
  'external-administrator.ended',
  'external-administrator.removed',
  'restricted-mode.enabled',
  'restricted-mode.disabled',
  'elevation.approved',
  'elevation.ended',
  'elevation.returned',
  'elevation.revoked',
  'elevation.superseded',
  'help-desk-session.opened',
  'help-desk-session.ended',
  'help-desk-session.returned',
  'help-desk-session.revoked',
]);

/**
 * Reads exports, with nothing but their lines. Two sides of an act have the same event: it counts once.
 * @param keep which events a report lists; the others are read for what they tell of standing, and forgotten
 */
export async function readTrails(
  exports: readonly (AsyncIterable<string> | Iterable<string>)[],
  options: VerifyOptions,
  keep: (event: ChainedEvent) => boolean = () => false,
): Promise<TrailRead> {
  const reader = new TrailReader(keep);
  for (const lines of exports) {
    reader.begin();
    reader.finish(await verifyExport(reader.follow(lines), options));
  }
  return reader.read;
}

class TrailReader {
  readonly read: TrailRead = {
    organizationIds: [],
    verifications: [],
    exportedAt: new Date(8.64e15),
    changes: [],
    names: new Map(),
    events: [],
    untold: 0,
  };
  private readonly names = new Map<string, { name: string; at: string }>();
  private readonly seen = new Set<string>();
  private organizationId = '';

  constructor(private readonly keep: (event: ChainedEvent) => boolean) {}

  begin(): void {
    this.organizationId = '';
  }

  finish(verification: Verification): void {
    this.read.verifications.push({ organizationId: this.organizationId, verification });
    this.read.names = new Map([...this.names].map(([id, { name }]) => [id, name]));
  }

  async *follow(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
    for await (const text of lines) {
      const line = parseLine(text);
      if (line?.type === 'header') {
        this.organizationId = line.organizationId;
        this.read.organizationIds.push(line.organizationId);
        const exportedAt = new Date(line.exportedAt);
        if (exportedAt < this.read.exportedAt) this.read.exportedAt = exportedAt;
      }
      if (line?.type === 'event') this.add(line);
      yield text;
    }
  }

  private add(event: ChainedEvent): void {
    const { id, action, outcome, facts, at, personal } = event;
    if (this.seen.has(id)) return;
    this.seen.add(id);
    for (const [person, name] of Object.entries(personal?.names ?? {})) {
      const known = this.names.get(person);
      if (!known || known.at <= at) this.names.set(person, { name, at });
    }
    if ('standing' in facts)
      this.read.changes.push({ at: new Date(at), standing: recordedStanding.parse(facts['standing']) });
    else if (outcome === 'success' && telling.has(action)) this.read.untold += 1;
    if (this.keep(event)) this.read.events.push(event);
  }
}
