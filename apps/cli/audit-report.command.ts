import { inputInstant } from '#contracts';
import {
  accessDocument,
  asCsv,
  asHtml,
  faults,
  listedInPeriod,
  periodDocument,
  readTrails,
  reportAccess,
  reportPeriod,
  reportTemplates,
  type ReportDocument,
  type ReportTemplate,
  type TrailRead,
} from '#audit';
import { Option, SubCommand } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { exitCodes, UsageError } from './cli-errors.ts';
import { print, table } from './connection/print.ts';
import { linesOf } from './lines-of.ts';

const formats = ['text', 'csv', 'json', 'html'] as const;
type Format = (typeof formats)[number];

interface ReportOptions {
  organization?: string;
  at?: Date;
  from?: Date;
  to?: Date;
  person?: string;
  template?: ReportTemplate;
  format?: Format;
  publicKey?: string;
  roleMatrix?: string;
}

/** Works on files alone: no service, no database, no secrets. */
@SubCommand({
  name: 'report',
  arguments: '<exports...>',
  description: 'Who had access at a moment or in a period, and what auditors ask of one, from exports alone',
})
export class AuditReportCommand extends CliCommand {
  async run(files: string[], options: ReportOptions): Promise<void> {
    const { at, from, to, template, format = 'text', publicKey } = options;
    if (files.length === 0)
      throw new UsageError('Name the export, and those of partners whose people are to be told of');
    if (at && (from || to)) throw new UsageError('Either a moment, --at, or a period, --from and --to');
    if ((to || template) && !from) throw new UsageError('A period begins somewhere: --from');
    const trail = await readTrails(
      files.map((file) => linesOf(file)),
      { publicKey },
      template && from ? listedInPeriod(from, to ?? endOfTime) : undefined,
    );
    if (!isGenuine(trail, files)) return;
    const organizationId = organizationOf(trail, options);
    const end = to ?? at ?? trail.exportedAt;
    if (end > trail.exportedAt)
      throw new UsageError(`The export is of ${trail.exportedAt.toISOString()} and tells of nothing later`);
    if (from && end <= from) throw new UsageError('The period ends before it begins');
    if (template && from) {
      const report = reportPeriod(trail, { template, organizationId, from, to: end });
      return show(format, report, periodDocument(report));
    }
    const accountId = options.person === undefined ? undefined : personOf(trail, options.person);
    const when = from ? { from, to: end } : { at: end };
    const report = reportAccess(trail, { organizationId, accountId, when }, await matricesOf(options));
    show(format, report, accessDocument(report));
  }

  @Option({ flags: '--organization <id>', description: 'Access to which; may be left out with one export' })
  parseOrganization(value: string): string {
    return value.toLowerCase();
  }

  @Option({ flags: '--at <time>', description: 'The moment, or a date: its end. Without: as of the export' })
  parseAt(value: string): Date {
    return momentOf(value);
  }

  @Option({ flags: '--from <time>', description: 'The beginning of a period, or a date: its beginning' })
  parseFrom(value: string): Date {
    return momentOf(isDate.test(value) ? `${value}T00:00:00Z` : value);
  }

  @Option({ flags: '--to <time>', description: 'The end of the period, or a date: its end. Without: as of the export' })
  parseTo(value: string): Date {
    return momentOf(value);
  }

  @Option({ flags: '--person <id or name>', description: 'Of one person' })
  parsePerson(value: string): string {
    return value;
  }

  @Option({ flags: '--template <name>', description: `What auditors ask of a period: ${reportTemplates.join(' or ')}` })
  parseTemplate(value: string): ReportTemplate {
    return chosen(reportTemplates, value);
  }

  @Option({ flags: '--format <format>', description: `${formats.join(', ')}; text is the default` })
  parseFormat(value: string): Format {
    return chosen(formats, value);
  }

  @Option({ flags: '--public-key <key>', description: "One of the service's public keys, base64url" })
  parsePublicKey(value: string): string {
    return value;
  }

  @Option({
    flags: '--role-matrix <file>',
    description: 'The role matrix of the deployment, where it has one of its own',
  })
  parseRoleMatrix(value: string): string {
    return value;
  }
}

const isDate = /^\d{4}-\d{2}-\d{2}$/;
const endOfTime = new Date(8.64e15);

function momentOf(value: string): Date {
  const read = inputInstant.safeParse(value);
  if (!read.success) throw new UsageError(`${value} is neither a date nor an ISO 8601 instant with its offset`);
  return new Date(read.data);
}

function chosen<T extends string>(among: readonly T[], value: string): T {
  const found = among.find((one) => one === value);
  if (!found) throw new UsageError(`${value} is none of ${among.join(', ')}`);
  return found;
}

/** A trail that was tampered with tells nothing of who had access. */
function isGenuine({ verifications }: TrailRead, files: readonly string[]): boolean {
  const wrong = verifications.findIndex(({ verification }) => !verification.valid);
  const found = verifications[wrong]?.verification.firstInvalid;
  if (wrong < 0) return true;
  const where = found ? ` at position ${found.position}: ${faults[found.why]}` : '';
  process.stderr.write(`${files[wrong] ?? 'An export'} is not valid${where}\nNothing is reported from it.\n`);
  process.exitCode = exitCodes.notGenuine;
  return false;
}

function organizationOf({ organizationIds }: TrailRead, { organization }: ReportOptions): string {
  const [only, ...others] = organizationIds;
  const wanted = organization ?? (others.length === 0 ? only : undefined);
  if (wanted === undefined) throw new UsageError('Say access to which organization: --organization');
  if (!organizationIds.includes(wanted))
    throw new UsageError(`None of the exports is of ${wanted}: they are of ${organizationIds.join(', ')}`);
  return wanted;
}

const isId = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

function personOf({ names }: TrailRead, wanted: string): string {
  if (isId.test(wanted)) return wanted.toLowerCase();
  const found = [...names].filter(([, name]) => name.toLowerCase() === wanted.toLowerCase()).map(([id]) => id);
  const [only, ...others] = found;
  if (only === undefined) throw new UsageError(`The trail names nobody ${wanted}; name the person by their id`);
  if (others.length > 0) throw new UsageError(`Several are called ${wanted}; name one by the id: ${found.join(', ')}`);
  return only;
}

async function matricesOf({ roleMatrix }: ReportOptions) {
  if (roleMatrix === undefined) return undefined;
  const { loadMatrices } = await import('#composition');
  return loadMatrices(roleMatrix);
}

function show(format: Format, report: object, document: ReportDocument): void {
  if (format === 'text') return print(asText(document));
  const shaped = { csv: asCsv, html: asHtml, json: () => `${JSON.stringify(report, null, 2)}\n` }[format];
  process.stdout.write(shaped(document));
}

function asText({ title, facts, notes, tables }: ReportDocument): string {
  const heads = facts.map(([label, value]) => `${label}: ${value}`);
  const parts = tables.flatMap(({ title: name, columns, rows }) => [
    '',
    `${name} (${rows.length})`,
    table(
      columns.map((column) => column.toUpperCase()),
      rows,
    ),
  ]);
  return [title, ...heads, ...notes, ...parts].join('\n');
}
