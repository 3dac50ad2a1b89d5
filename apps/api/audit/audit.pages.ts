import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exportEvents, listEvents, type AuditEventPage } from '#audit';
import type { AuditEventView } from '#contracts';
import { peopleCalled, readOrganization, requireAuditSight, type Actor } from '#decisions';
import { Database, type EntityManager } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { ResourceId } from '../problem/validation.ts';
import { subjectNames } from './names.ts';
import { boundsOf, isFiltered, parametersOf, topics, trailFilter, type TrailFilter } from './trail-filter.ts';

/** The audit trail for people: filters, the path of one request, and the export. */
@Pages()
@Controller('organizations/:organizationId/audit')
export class AuditPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
  ) {}

  @Get()
  @Html()
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: trailFilter }) filter: TrailFilter,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      await requireAuditSight(em, actor, organizationId);
      const organization = await readOrganization(em, actor, organizationId);
      const page = await pageOfTrail(em, organizationId, filter, 50);
      const whom = await subjectNames(em, page.items);
      return {
        organization,
        events: page.items.map((event) => ({
          ...event,
          words: wordsOfAction(event.action),
          who: whoActed(event),
          by: event.actor.by ?? null,
          whom: whom.get(event.subject.id) ?? null,
          details: detailsOf(event),
          pathOf: `?subjectId=${event.subject.id}`,
          allBy: event.actor.id === null ? null : `?actorId=${event.actor.id}`,
        })),
        olderPath: page.nextCursor && `?${parametersOf({ ...filter, cursor: page.nextCursor })}`,
        csvPath: `/organizations/${organizationId}/audit/csv?${parametersOf({ ...filter, cursor: undefined })}`,
        isFiltered: isFiltered(filter),
        topics: topics.map((topic) => ({ ...topic, isChosen: topic.prefix === filter.action })),
        typed: { person: filter.person ?? '', fromDay: filter.fromDay ?? '', toDay: filter.toDay ?? '' },
        outcome: filter.outcome ?? '',
        isPath: filter.subjectId !== undefined,
      };
    });
    // One request is read from its beginning; the whole trail from its latest event.
    const events = model.isPath ? model.events.toReversed() : model.events;
    return this.console.page(request, response, {
      template: 'audit/trail',
      title: `Audit trail of ${model.organization.name}`,
      organizationId,
      model: { ...model, events },
    });
  }

  @Get('export')
  @Header('Content-Type', 'application/jsonl')
  @Header('Content-Disposition', 'attachment; filename="audit-trail.jsonl"')
  async export(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.database.transaction(actor.tenancy, (em) => requireAuditSight(em, actor, organizationId));
    await pipeline(Readable.from(exportEvents(this.database, actor.tenancy, organizationId)), response);
  }

  /** What the filter leaves, for a spreadsheet; proofs are in the other export. */
  @Get('csv')
  @Header('Content-Type', 'text/csv; charset=utf-8')
  @Header('Content-Disposition', 'attachment; filename="audit-trail.csv"')
  async spreadsheet(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: trailFilter }) filter: TrailFilter,
    @Res() response: Response,
  ): Promise<void> {
    await this.database.transaction(actor.tenancy, (em) => requireAuditSight(em, actor, organizationId));
    await pipeline(
      Readable.from(this.rows(actor, organizationId, filter)),
      // Spreadsheets are kept from taking what somebody wrote for a formula.
      stringify({ header: true, columns: [...spreadsheetColumns], escape_formulas: true, record_delimiter: 'windows' }),
      response,
    );
  }

  private async *rows(actor: Actor, organizationId: string, filter: TrailFilter) {
    let cursor: string | undefined;
    do {
      const { page, whom } = await this.database.transaction(actor.tenancy, async (em) => {
        const next = await pageOfTrail(em, organizationId, { ...filter, cursor }, 200);
        return { page: next, whom: await subjectNames(em, next.items) };
      });
      for (const event of page.items) {
        yield {
          at: event.at,
          action: event.action,
          who: whoActed(event),
          whom: whom.get(event.subject.id) ?? '',
          outcome: event.outcome,
          reason: event.reason ?? '',
          sourceAddress: event.sourceAddress ?? '',
          subjectKind: event.subject.kind,
          subjectId: event.subject.id,
          eventId: event.id,
        };
      }
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
}

const spreadsheetColumns = [
  'at',
  'action',
  'who',
  'whom',
  'outcome',
  'reason',
  'sourceAddress',
  'subjectKind',
  'subjectId',
  'eventId',
] as const;

async function pageOfTrail(
  em: EntityManager,
  organizationId: string,
  filter: TrailFilter,
  limit: number,
): Promise<AuditEventPage> {
  const { action, outcome, subjectId, actorId, cursor, person } = filter;
  const actorIds = person === undefined ? undefined : await peopleCalled(em, organizationId, person);
  return listEvents(em, organizationId, {
    action,
    outcome,
    subjectId,
    actorId,
    cursor,
    actorIds,
    limit,
    ...boundsOf(filter),
  });
}

const actorKinds = {
  account: 'Somebody',
  service: 'A service',
  support: 'The support team',
  clock: 'The clock',
} as const;

const whoActed = ({ actor }: AuditEventView): string => actor.displayName ?? actorKinds[actor.kind];

/** `help-desk-session.revoked` → `Help desk session: revoked`. */
function wordsOfAction(action: string): string {
  const [feature = '', verb = ''] = action.replaceAll('-', ' ').split('.');
  return `${feature.charAt(0).toUpperCase()}${feature.slice(1)}: ${verb}`;
}

/** The facts of the event that read without looking anything up: roles, causes, times; no ids, nothing nested. */
function detailsOf({ facts }: AuditEventView): { label: string; value: string }[] {
  return Object.entries(facts).flatMap(([name, value]) => {
    if (name.endsWith('Id') || name.endsWith('Ids')) return [];
    const label = name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
    if (Array.isArray(value)) {
      const words = value.filter((item) => typeof item === 'string').join(', ');
      return [{ label, value: words || 'none' }];
    }
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [{ label, value: String(value).replaceAll('_', ' ') }]
      : [];
  });
}
