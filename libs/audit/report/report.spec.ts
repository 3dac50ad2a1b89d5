import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { ChainedEvent } from '../chain.ts';
import { listedInPeriod, periodDocument, reportPeriod } from './period-report.ts';
import type { TrailRead } from './read-trail.ts';
import { asCsv, asHtml, type ReportDocument } from './report-document.ts';

const written: ReportDocument = {
  title: 'Who <had> access',
  facts: [['Organization', 'o']],
  notes: ['<b>Note</b>'],
  tables: [
    {
      title: 'Access',
      columns: ['person', 'reason'],
      rows: [
        ['=HYPERLINK("http://evil.example","click")', '+1'],
        ['@SUM(A1)', '-2'],
        ['\t=1', 'a "quoted", text\nover two lines'],
      ],
    },
  ],
};

describe('a report as a table', () => {
  it('has nothing that a spreadsheet would take for a formula, and is read back as it was', () => {
    const rows: string[][] = parse(asCsv(written));
    expect(
      rows
        .slice(1)
        .flat()
        .filter((cell) => /^[=+\-@\t\r]/.test(cell)),
    ).toEqual([]);
    expect(rows).toEqual([
      ['person', 'reason'],
      [`'=HYPERLINK("http://evil.example","click")`, `'+1`],
      [`'@SUM(A1)`, `'-2`],
      [`'\t=1`, 'a "quoted", text\nover two lines'],
    ]);
  });
});

describe('a report as a page', () => {
  it('shows what people wrote as text, and loads nothing', () => {
    const page = asHtml({
      ...written,
      tables: [{ title: 'Access', columns: ['reason'], rows: [['<script>alert(1)</script>']] }],
    });
    expect(page).not.toContain('<script>');
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toContain('<b>');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/src=|href=|url\(/);
  });
});

const at = (day: number) => new Date(Date.UTC(2026, 0, day));
const event = (action: string, changes: Partial<ChainedEvent> = {}): ChainedEvent => ({
  id: action,
  action,
  position: 1,
  previousHash: '',
  hash: '',
  actor: { kind: 'account', id: 'maria' },
  organizationIds: ['acme'],
  subject: { kind: 'elevation', id: 'e' },
  outcome: 'success',
  facts: {},
  personalDigest: '',
  grantId: null,
  at: at(5).toISOString(),
  personal: null,
  salt: null,
  ...changes,
});

describe('a report of a period', () => {
  const period = { from: at(1), to: at(10) };
  const sectionsOf = (one: ChainedEvent) => {
    const events = listedInPeriod(period.from, period.to)(one) ? [one] : [];
    const trail: TrailRead = {
      organizationIds: ['acme'],
      verifications: [],
      exportedAt: at(20),
      changes: [],
      names: new Map([['maria', 'Maria']]),
      events,
      untold: 0,
    };
    const report = reportPeriod(trail, { template: 'soc2', organizationId: 'acme', ...period });
    return report.sections.filter((section) => section.events.length > 0).map(({ id }) => id);
  };

  it.each<[string, ChainedEvent, string[]]>([
    ['an approval', event('elevation.approved'), ['approvals']],
    ['a denial', event('change-request.denied'), ['denials']],
    ['an unexpected request', event('elevation.denied', { facts: { unexpected: true } }), ['denials', 'exceptions']],
    ['a refused approval', event('elevation.approved', { outcome: 'refused' }), ['exceptions']],
    ['an unanswered request', event('elevation.expired'), ['exceptions']],
    [
      'a role given',
      event('membership.administrator-roles-assigned', { facts: { standing: {} } }),
      ['given_and_taken'],
    ],
    ['a recovery code', event('organization.recovery-code-used'), ['break_glass']],
    ['an act of support', event('support-action.confirmed'), ['break_glass']],
    ['a confirmed office', event('membership.full-administrator-confirmed'), ['reviews']],
    ['a sign-in', event('session.opened'), []],
    ['what was before', event('elevation.approved', { at: at(0).toISOString() }), []],
    ['what came after', event('elevation.approved', { at: at(10).toISOString() }), []],
    ['another organization', event('elevation.approved', { organizationIds: ['other'] }), []],
  ])('lists %s where an auditor looks for it', (_what, one, expected) => expect(sectionsOf(one)).toEqual(expected));

  it('names the controls of either template', () => {
    const trail: TrailRead = {
      organizationIds: ['acme'],
      verifications: [],
      exportedAt: at(20),
      changes: [],
      names: new Map(),
      events: [event('elevation.approved')],
      untold: 0,
    };
    const question = { organizationId: 'acme', ...period };
    const csv = (template: 'soc2' | 'iso27001') =>
      asCsv(periodDocument(reportPeriod(trail, { template, ...question })));
    expect(csv('soc2')).toContain('CC6.1 CC6.3');
    expect(csv('iso27001')).toContain('A.5.18 A.8.2');
  });
});
