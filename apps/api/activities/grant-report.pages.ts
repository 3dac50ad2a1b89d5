import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { GrantReport } from '#contracts';
import { reportOfGrant, subjectOf, type Actor } from '#decisions';
import { Database } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { EvaluationCounters } from '../evaluation/evaluation-counters.ts';
import { ResourceId } from '../problem/validation.ts';

const asked = {
  elevation: 'to change settings for a time',
  'help-desk-session': 'to read settings for a time',
  'external-administrator': 'to administer from outside until a date',
} as const;

const endings: Readonly<Record<GrantReport['grant']['status'], string>> = {
  active: 'It goes on',
  expired: 'The time was over',
  revoked: 'Ended by an administrator',
  returned: 'Given back',
  superseded: 'A newer access took its place',
  ended: 'What it rested on went',
};

const sources = { elevation: '/elevations/', 'help-desk-session': '/help-desk-sessions/' } as const;

/** The report of one access as a page that prints: what an auditor files. */
@Pages()
@Controller('grants/:id/report')
export class GrantReportPages {
  constructor(
    private readonly console: Console,
    private readonly database: Database,
    private readonly evaluations: EvaluationCounters,
  ) {}

  @Get()
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    await this.evaluations.tell();
    const report = await this.database.transaction(actor.tenancy, async (em) =>
      reportOfGrant(em, await subjectOf(em, actor), id),
    );
    const { grant } = report;
    return this.console.page(request, response, {
      template: 'activities/report',
      title: `Report: access of ${grant.account.displayName} to ${report.organizationName}`,
      organizationId: actor.id === grant.account.id ? grant.partnerId : grant.organizationId,
      model: {
        ...report,
        asks: asked[grant.kind],
        how: endings[grant.status],
        more: report.activityCount - report.activities.length,
        href: grant.kind === 'external-administrator' ? null : `${sources[grant.kind]}${grant.sourceId}`,
      },
    });
  }
}
