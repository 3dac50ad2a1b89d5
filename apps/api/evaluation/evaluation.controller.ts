import { Body, Controller, Get, HttpCode, Inject, Post, UseFilters, UseInterceptors } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Matrices } from '#access';
import type { CompleteConfig } from '#config';
import {
  actionResults,
  actionSearch,
  authzenConfiguration,
  evaluationRequest,
  evaluationResponse,
  evaluationsRequest,
  evaluationsResponse,
  resourceResults,
  resourceSearch,
  subjectResults,
  subjectSearch,
  type ActionSearch,
  type EvaluationRequest,
  type EvaluationResponse,
  type EvaluationsRequest,
  type EvaluationsResponse,
  type ResourceSearch,
  type SubjectSearch,
} from '#contracts';
import {
  askedByEvaluations,
  askedBySubjectSearch,
  evaluate,
  evaluateAll,
  firstUsesIn,
  grantsBehind,
  markUsed,
  searchActions,
  searchResources,
  searchSubjects,
  type LoadMore,
} from '#decisions';
import type { Principal } from '#identity';
import { asSeenBy, Database, type Standing } from '#persistence';
import { AsksStanding, Public } from '../authentication/authentication.guard.ts';
import { Caller, StandingInSight } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { configuration, matrices } from '../tokens.ts';
import { DenyWhenUnavailable } from './deny-when-unavailable.filter.ts';
import { EvaluationCounters } from './evaluation-counters.ts';
import { RequestIdInterceptor } from './request-id.interceptor.ts';

const neverStale =
  'AuthZEN 1.0. Judged from the present state by the clock of the database: never cached, never stale.';
const deniedWhenUnavailable =
  'While the database cannot be reached nobody may do anything: false, for the reason `unavailable`, with Retry-After.';

@ApiTags('evaluation')
@Controller()
@UseInterceptors(RequestIdInterceptor)
export class EvaluationController {
  constructor(
    private readonly database: Database,
    private readonly counters: EvaluationCounters,
    @Inject(matrices) private readonly roleMatrices: Matrices,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Post('access/v1/evaluation')
  @HttpCode(200)
  @AsksStanding(({ body }) => askedByEvaluations(body))
  @UseFilters(DenyWhenUnavailable)
  @Operation({
    summary: 'May they do this now?',
    scope: 'access:evaluate',
    description: `${neverStale} ${deniedWhenUnavailable}`,
    answer: evaluationResponse,
  })
  async evaluate(
    @Caller() caller: Principal,
    @StandingInSight() standing: Standing,
    @Body({ schema: evaluationRequest }) request: EvaluationRequest,
  ): Promise<EvaluationResponse> {
    const answer = evaluate(standing, caller, request, this.roleMatrices);
    await this.noteFirstUses(caller, firstUsesIn(standing, [answer]));
    this.counters.count(grantsBehind(answer));
    return answer;
  }

  @Post('access/v1/evaluations')
  @HttpCode(200)
  @AsksStanding(({ body }) => askedByEvaluations(body))
  @UseFilters(DenyWhenUnavailable)
  @Operation({
    summary: 'Several such questions at once',
    scope: 'access:evaluate',
    description: `${neverStale} ${deniedWhenUnavailable}`,
    answer: evaluationsResponse,
  })
  async evaluateAll(
    @Caller() caller: Principal,
    @StandingInSight() standing: Standing,
    @Body({ schema: evaluationsRequest }) request: EvaluationsRequest,
  ): Promise<EvaluationsResponse> {
    const answer = evaluateAll(standing, caller, request, this.roleMatrices);
    await this.noteFirstUses(caller, firstUsesIn(standing, answersIn(answer)));
    this.counters.count(answersIn(answer).flatMap(grantsBehind));
    return answer;
  }

  @Post('access/v1/search/subject')
  @HttpCode(200)
  @AsksStanding(({ body }) => askedBySubjectSearch(body))
  @Operation({
    summary: 'Who may do this with the setting of the organization?',
    scope: 'access:evaluate',
    description: `${neverStale} Empty for those who may not ask about everybody there.`,
    answer: subjectResults,
    problems: ['invalid_cursor'],
  })
  async searchSubjects(
    @Caller() caller: Principal,
    @StandingInSight() standing: Standing,
    @Body({ schema: subjectSearch }) request: SubjectSearch,
  ) {
    return searchSubjects(standing, caller, request, this.loadMoreFor(caller), this.roleMatrices);
  }

  @Post('access/v1/search/resource')
  @HttpCode(200)
  @AsksStanding(({ body }) => askedByEvaluations(body))
  @Operation({
    summary: 'What may this person reach?',
    scope: 'access:evaluate',
    description: `${neverStale} In one organization, or without one in all that you may ask about.`,
    answer: resourceResults,
    problems: ['invalid_cursor'],
  })
  async searchResources(
    @Caller() caller: Principal,
    @StandingInSight() standing: Standing,
    @Body({ schema: resourceSearch }) request: ResourceSearch,
  ) {
    return searchResources(standing, caller, request, this.loadMoreFor(caller), this.roleMatrices);
  }

  @Post('access/v1/search/action')
  @HttpCode(200)
  @AsksStanding(({ body }) => askedByEvaluations(body))
  @Operation({
    summary: 'What may this person do with the setting?',
    scope: 'access:evaluate',
    description: neverStale,
    answer: actionResults,
  })
  searchActions(
    @Caller() caller: Principal,
    @StandingInSight() standing: Standing,
    @Body({ schema: actionSearch }) request: ActionSearch,
  ) {
    return searchActions(standing, caller, request, this.roleMatrices);
  }

  @Get('.well-known/authzen-configuration')
  @Public()
  @Operation({ summary: 'Where the AuthZEN endpoints are', answer: authzenConfiguration, isPublic: true })
  discovery(): z.infer<typeof authzenConfiguration> {
    const { publicUrl } = this.config;
    return {
      policy_decision_point: publicUrl,
      access_evaluation_endpoint: `${publicUrl}/access/v1/evaluation`,
      access_evaluations_endpoint: `${publicUrl}/access/v1/evaluations`,
      search_subject_endpoint: `${publicUrl}/access/v1/search/subject`,
      search_resource_endpoint: `${publicUrl}/access/v1/search/resource`,
      search_action_endpoint: `${publicUrl}/access/v1/search/action`,
    };
  }

  /** Once for each temporary access, so every other evaluation is the one statement it was asked with. */
  private async noteFirstUses({ tenancy }: Principal, grantIds: readonly string[]): Promise<void> {
    if (grantIds.length > 0) await this.database.transaction(tenancy, (em) => markUsed(em, grantIds));
  }

  private loadMoreFor(caller: Principal): LoadMore {
    const self = caller.kind === 'account' ? [caller.accountId] : caller.kind === 'service' ? [caller.apiKeyId] : [];
    return async ({ subjectIds = [], ...of }) =>
      asSeenBy(await this.database.standing({ ...of, subjectIds: [...subjectIds, ...self] }), caller.tenancy);
  }
}

const answersIn = ({ evaluations, decision, context }: EvaluationsResponse): EvaluationResponse[] =>
  evaluations ?? (decision !== undefined && context ? [{ decision, context }] : []);
