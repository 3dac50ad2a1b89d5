import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { exportEvents, listEvents } from '#audit';
import { uuid } from '#contracts';
import { readOrganization, requireAuditSight, type Actor } from '#decisions';
import { Database } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { optionalField } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { ResourceId } from '../problem/validation.ts';

const filters = z.object({
  action: optionalField(z.string().trim().max(100)),
  outcome: optionalField(z.enum(['success', 'refused'])),
  subjectId: optionalField(uuid),
  actorId: optionalField(uuid),
  cursor: optionalField(z.string().max(500)),
});
type Filters = z.infer<typeof filters>;

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
    @Query({ schema: filters }) query: Filters,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      await requireAuditSight(em, actor, organizationId);
      const organization = await readOrganization(em, actor, organizationId);
      const page = await listEvents(em, organizationId, { ...query, limit: 50 });
      return {
        organization,
        events: page.items.map((event) => ({
          ...event,
          words: wordsOfAction(event.action),
          who: event.actor.displayName ?? actorKinds[event.actor.kind],
          by: event.actor.by ?? null,
          pathOf: `?subjectId=${event.subject.id}`,
        })),
        olderPath: page.nextCursor && `?${parametersOf({ ...query, cursor: page.nextCursor })}`,
        isFiltered: [query.action, query.outcome, query.subjectId, query.actorId].some(Boolean),
        action: query.action ?? '',
        outcome: query.outcome ?? '',
        isPath: query.subjectId !== undefined,
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
}

const actorKinds = {
  account: 'Somebody',
  service: 'A service',
  support: 'The support team',
  clock: 'The clock',
} as const;

/** `help-desk-session.revoked` → `Help desk session: revoked`. */
function wordsOfAction(action: string): string {
  const [feature = '', verb = ''] = action.replaceAll('-', ' ').split('.');
  return `${feature.charAt(0).toUpperCase()}${feature.slice(1)}: ${verb}`;
}

function parametersOf(query: Filters): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return new URLSearchParams(given).toString();
}
