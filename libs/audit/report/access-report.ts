import {
  settingLabels,
  whoHadAccess,
  whoHadAccessBetween,
  type AccessInterval,
  type HadAccess,
  type Matrices,
  type Reason,
} from '#access';
import type { ReportDocument } from './report-document.ts';
import type { TrailRead } from './read-trail.ts';

export interface AccessQuestion {
  organizationId: string;
  /** Without one: everybody. */
  accountId?: string | undefined;
  /** A moment, or a period: from its first moment to just before its last. */
  when: { at: Date } | { from: Date; to: Date };
}

export interface AccessReport extends Beside {
  organizationId: string;
  at?: string;
  from?: string;
  to?: string;
  access: ReportedAccess[];
}

interface Beside {
  exportedAt: string;
  /** Events from before the trail told of standing: what came by them is not in the report. */
  untoldEvents: number;
  /** Partners whose people reached the organization by their roles, and whose own trail was not among the exports. */
  partnersNotTold: string[];
}

interface ReportedAccess {
  accountId: string;
  name: string | null;
  setting: string;
  level: string;
  restriction?: string;
  /** In a period: from when to when it was so. */
  from?: string;
  to?: string;
  reasons: { kind: Reason['kind']; id: string; until?: string }[];
}

/** Who had access to the organization, to what and why, from exports alone and by the rules that evaluation goes by. */
export function reportAccess(
  trail: TrailRead,
  { organizationId, accountId, when }: AccessQuestion,
  matrices?: Matrices,
): AccessReport {
  const question = { organizationId, accountId };
  const end = 'at' in when ? when.at : when.to;
  const found: (HadAccess | AccessInterval)[] =
    'at' in when
      ? whoHadAccess(trail.changes, question, when.at, matrices)
      : whoHadAccessBetween(trail.changes, question, when, matrices);
  return {
    organizationId,
    ...('at' in when ? { at: when.at.toISOString() } : { from: when.from.toISOString(), to: when.to.toISOString() }),
    exportedAt: trail.exportedAt.toISOString(),
    untoldEvents: trail.untold,
    partnersNotTold: partnersNotTold(trail, organizationId, end),
    access: found.map((one) => reported(one, trail)),
  };
}

function reported(one: HadAccess | AccessInterval, { names }: TrailRead): ReportedAccess {
  return {
    accountId: one.accountId,
    name: names.get(one.accountId) ?? null,
    setting: one.setting,
    level: one.level,
    ...(one.restriction && { restriction: one.restriction }),
    ...('from' in one && { from: one.from.toISOString(), to: one.to.toISOString() }),
    reasons: one.reasons.map(({ kind, id, until }) => ({ kind, id, ...(until && { until: until.toISOString() }) })),
  };
}

/** A customer's trail tells of grants and lists, not of a partner's full and read-only administrators: theirs does. */
function partnersNotTold({ changes, organizationIds }: TrailRead, organizationId: string, end: Date): string[] {
  const partners = changes
    .filter(({ at }) => at <= end)
    .flatMap(({ standing }) => standing.relationships ?? [])
    .flatMap((one) => ('origin' in one && one.customerId === organizationId ? [one] : []))
    .filter(({ origin, partnerId }) => origin === 'provisioned' && !organizationIds.includes(partnerId));
  return [...new Set(partners.map(({ partnerId }) => partnerId))];
}

/** The report as a page or a table. */
export function accessDocument(report: AccessReport): ReportDocument {
  const isPeriod = report.at === undefined;
  return {
    title: 'Who had access',
    facts: [
      ['Organization', report.organizationId],
      ...(isPeriod ? [['Period', `${report.from} to ${report.to}`] as const] : [['Moment', report.at ?? ''] as const]),
      ['People with access', String(new Set(report.access.map(({ accountId }) => accountId)).size)],
      ['Exported', report.exportedAt],
    ],
    notes: notesOf(report),
    tables: [
      {
        title: 'Access',
        columns: [
          'person',
          'name',
          'setting',
          'what',
          'level',
          'restriction',
          ...(isPeriod ? ['from', 'to'] : []),
          'because',
        ],
        rows: report.access.map((one) => [
          one.accountId,
          one.name ?? '',
          one.setting,
          (settingLabels as Record<string, string>)[one.setting] ?? '',
          one.level,
          one.restriction ?? '',
          ...(isPeriod ? [one.from ?? '', one.to ?? ''] : []),
          one.reasons.map(({ kind, id, until }) => `${kind} ${id}${until ? ` until ${until}` : ''}`).join('; '),
        ]),
      },
    ],
  };
}

function notesOf({ untoldEvents, partnersNotTold: partners }: Beside): string[] {
  return [
    ...(untoldEvents > 0
      ? [`${untoldEvents} events are from before the trail told of standing: what came by them is not in this report.`]
      : []),
    ...partners.map(
      (id) =>
        `Full and read-only administrators of partner ${id} reach the organization by their roles, which stand in the partner's own trail: name its export, too.`,
    ),
  ];
}
