import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  activityPage,
  activityQuery,
  grantReport,
  reportActivities as reportBody,
  reportedActivities,
  type ActivityQuery,
  type GrantReport,
  type ReportActivities,
  type ReportedActivities,
} from '#contracts';
import {
  Decisions,
  listActivities,
  onlyOnce,
  reportActivities,
  reportOfGrant,
  subjectOf,
  type Actor,
  type Once,
} from '#decisions';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { EvaluationCounters } from '../evaluation/evaluation-counters.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { LargestActivityGuard } from './largest-activity.guard.ts';

@ApiTags('grants')
@Controller('v1/grants/:id')
export class ActivitiesController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    private readonly evaluations: EvaluationCounters,
  ) {}

  @Post('activities')
  @HttpCode(200)
  @UseGuards(LargestActivityGuard)
  @Operation({
    summary: 'Tell what was done with a temporary access',
    description:
      'By a service of the customer, or of the partner whose person holds the access, after the act: one, or up to a hundred in ' +
      '`activities`, all of them or none. `at` lies within the life of the access, give or take five minutes. The same `externalId` ' +
      'with the same content is told once, however often it is sent; an act takes at most 2 KiB. What was told stays as it was ' +
      'told; its digest is on the trail. Answers 201 where something is new, else 200.',
    scope: 'access:evaluate',
    answer: reportedActivities,
    status: 201,
    problems: [
      'not_found',
      'service_required',
      'activity_outside_grant',
      'activity_differs',
      'activity_too_large',
      'idempotency_key_reused',
    ],
  })
  async report(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: reportBody }) body: ReportActivities,
  ): Promise<Created<ReportedActivities> | ReportedActivities> {
    const isBatch = 'activities' in body;
    const acts = isBatch ? body.activities : [body];
    const told = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, () =>
        reportActivities(decision, id, acts, (index) => (isBatch ? `/activities/${index}` : '')),
      ),
    );
    return told.created > 0 ? new Created(`/v1/grants/${id}/activities`, told) : told;
  }

  @Get('activities')
  @Operation({
    summary: 'What was done with a temporary access',
    scope: 'grants:read',
    answer: activityPage,
    problems: ['not_found'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: activityQuery }) query: ActivityQuery,
  ) {
    return this.database.transaction(actor.tenancy, async (em) =>
      listActivities(em, await subjectOf(em, actor), id, query),
    );
  }

  @Get('report')
  @Operation({
    summary: 'A temporary access from the wish to its end',
    description:
      'Asked by whom and why, decided by whom and by which right, how many evaluations it let through, what was done, and how it ' +
      'ended. `/grants/{id}/report` is the same as a page that prints.',
    scope: 'grants:read',
    answer: grantReport,
    problems: ['not_found'],
  })
  async read(@CallerAsActor() actor: Actor, @Param('id', new ResourceId()) id: string): Promise<GrantReport> {
    await this.evaluations.tell();
    return this.database.transaction(actor.tenancy, async (em) => reportOfGrant(em, await subjectOf(em, actor), id));
  }
}
