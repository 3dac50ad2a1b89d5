import type { ChainedEvent } from '../chain.ts';
import type { ReportDocument } from './report-document.ts';
import type { TrailRead } from './read-trail.ts';

export const reportTemplates = ['soc2', 'iso27001'] as const;
export type ReportTemplate = (typeof reportTemplates)[number];

/** Where an auditor looks for it: SOC 2 Trust Services Criteria (2017, points of focus 2022); ISO/IEC 27001:2022, Annex A. */
interface Section {
  id: 'approvals' | 'denials' | 'given_and_taken' | 'break_glass' | 'reviews' | 'exceptions';
  title: string;
  controls: Readonly<Record<ReportTemplate, readonly string[]>>;
  holds: (event: ChainedEvent) => boolean;
}

const isDone = ({ outcome }: ChainedEvent) => outcome === 'success';
const oneOf = (actions: readonly string[]) => (event: ChainedEvent) => isDone(event) && actions.includes(event.action);
const ends = (verb: string) => (event: ChainedEvent) => isDone(event) && event.action.endsWith(`.${verb}`);

/** Each event stands in every section that it belongs to. */
const sections: readonly Section[] = [
  {
    id: 'approvals',
    title: 'Approvals',
    controls: { soc2: ['CC6.1', 'CC6.3'], iso27001: ['A.5.18', 'A.8.2'] },
    holds: ends('approved'),
  },
  {
    id: 'denials',
    title: 'Denials',
    controls: { soc2: ['CC6.1', 'CC6.3'], iso27001: ['A.5.15', 'A.5.18'] },
    holds: ends('denied'),
  },
  {
    id: 'given_and_taken',
    title: 'Access given and taken away',
    controls: { soc2: ['CC6.2', 'CC6.3'], iso27001: ['A.5.16', 'A.5.18'] },
    holds: (event) => isDone(event) && 'standing' in event.facts && !event.action.endsWith('.approved'),
  },
  {
    id: 'break_glass',
    title: 'Break-glass: recovery codes and acts of the support team',
    controls: { soc2: ['CC6.1', 'CC7.3'], iso27001: ['A.5.18', 'A.8.2'] },
    holds: oneOf(['organization.recovery-code-used', 'support-action.confirmed']),
  },
  {
    id: 'reviews',
    title: 'Reviews',
    controls: { soc2: ['CC6.2', 'CC6.3'], iso27001: ['A.5.18'] },
    holds: (event) =>
      isDone(event) &&
      (event.action.startsWith('access-review.') || event.action === 'membership.full-administrator-confirmed'),
  },
  {
    id: 'exceptions',
    title: 'Exceptions: refused acts, unanswered and unexpected requests, access ended early',
    controls: { soc2: ['CC7.2', 'CC7.3'], iso27001: ['A.5.15', 'A.8.15'] },
    holds: (event) =>
      !isDone(event) ||
      event.action.endsWith('.expired') ||
      event.action.endsWith('.revoked') ||
      event.facts['unexpected'] === true,
  },
];

export interface PeriodReport {
  template: ReportTemplate;
  organizationId: string;
  from: string;
  to: string;
  exportedAt: string;
  sections: {
    id: Section['id'];
    title: string;
    controls: readonly string[];
    events: ReportedEvent[];
  }[];
}

interface ReportedEvent {
  id: string;
  position: number;
  at: string;
  action: string;
  outcome: string;
  /** The code of a refusal. */
  code: string | null;
  actor: { kind: string; id: string | null; name: string | null; by: string | null };
  subject: { kind: string; id: string };
  reason: string | null;
}

const isWithin = ({ at }: ChainedEvent, from: Date, to: Date) => from <= new Date(at) && new Date(at) < to;

/** Which events of a trail such a report lists: the rest need not be kept while it is read. */
export const listedInPeriod =
  (from: Date, to: Date) =>
  (event: ChainedEvent): boolean =>
    isWithin(event, from, to) && sections.some(({ holds }) => holds(event));

/** What an auditor of access control asks of a period, by the controls of the template. */
export function reportPeriod(
  trail: TrailRead,
  { template, organizationId, from, to }: { template: ReportTemplate; organizationId: string; from: Date; to: Date },
): PeriodReport {
  const within = trail.events.filter(
    (event) => isWithin(event, from, to) && event.organizationIds.includes(organizationId),
  );
  return {
    template,
    organizationId,
    from: from.toISOString(),
    to: to.toISOString(),
    exportedAt: trail.exportedAt.toISOString(),
    sections: sections.map(({ id, title, controls, holds }) => ({
      id,
      title,
      controls: controls[template],
      events: within.filter(holds).map((event) => reported(event, trail)),
    })),
  };
}

function reported(event: ChainedEvent, { names }: TrailRead): ReportedEvent {
  const { id, position, at, action, outcome, facts, actor, subject, personal } = event;
  return {
    id,
    position,
    at,
    action,
    outcome,
    code: typeof facts['code'] === 'string' ? facts['code'] : null,
    actor: {
      kind: actor.kind,
      id: actor.id,
      name: (actor.id !== null && names.get(actor.id)) || null,
      by: actor.by ?? null,
    },
    subject,
    reason: personal?.reason ?? null,
  };
}

const standards: Readonly<Record<ReportTemplate, string>> = {
  soc2: 'SOC 2, Trust Services Criteria',
  iso27001: 'ISO/IEC 27001:2022, Annex A',
};

/** The report as a page or a table. */
export function periodDocument(report: PeriodReport): ReportDocument {
  return {
    title: `Access control: ${standards[report.template]}`,
    facts: [
      ['Organization', report.organizationId],
      ['Period', `${report.from} to ${report.to}`],
      ...report.sections.map(({ title, events }) => [title, String(events.length)] as const),
      ['Exported', report.exportedAt],
    ],
    notes: [],
    tables: report.sections.map(({ title, controls, events }) => ({
      title,
      columns: ['controls', 'at', 'event', 'outcome', 'actor', 'name', 'by', 'subject', 'reason', 'position', 'id'],
      rows: events.map(({ at, action, outcome, code, actor, subject, reason, position, id }) => [
        controls.join(' '),
        at,
        action,
        code === null ? outcome : `${outcome}: ${code}`,
        actor.id ?? actor.kind,
        actor.name ?? '',
        actor.by ?? '',
        `${subject.kind} ${subject.id}`,
        reason ?? '',
        String(position),
        id,
      ]),
    })),
  };
}
