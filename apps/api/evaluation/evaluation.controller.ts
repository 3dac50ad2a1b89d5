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
import { evaluate, evaluateAll, searchActions, searchResources, searchSubjects } from '#decisions';
import type { Principal } from '#identity';
import { Database, type EntityManager } from '#persistence';
import { Public } from '../authentication/authentication.guard.ts';
import { Caller } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { configuration, matrices } from '../tokens.ts';
import { DenyWhenUnavailable } from './deny-when-unavailable.filter.ts';
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
    @Inject(matrices) private readonly roleMatrices: Matrices,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Post('access/v1/evaluation')
  @HttpCode(200)
  @UseFilters(DenyWhenUnavailable)
  @Operation({
    summary: 'May they do this now?',
    description: `${neverStale} ${deniedWhenUnavailable}`,
    answer: evaluationResponse,
  })
  async evaluate(
    @Caller() caller: Principal,
    @Body({ schema: evaluationRequest }) request: EvaluationRequest,
  ): Promise<EvaluationResponse> {
    return this.read(caller, (em) => evaluate(em, caller, request, this.roleMatrices));
  }

  @Post('access/v1/evaluations')
  @HttpCode(200)
  @UseFilters(DenyWhenUnavailable)
  @Operation({
    summary: 'Several such questions at once',
    description: `${neverStale} ${deniedWhenUnavailable}`,
    answer: evaluationsResponse,
  })
  async evaluateAll(
    @Caller() caller: Principal,
    @Body({ schema: evaluationsRequest }) request: EvaluationsRequest,
  ): Promise<EvaluationsResponse> {
    return this.read(caller, (em) => evaluateAll(em, caller, request, this.roleMatrices));
  }

  @Post('access/v1/search/subject')
  @HttpCode(200)
  @Operation({
    summary: 'Who may do this with the setting of the organization?',
    description: `${neverStale} Empty for those who may not ask about everybody there.`,
    answer: subjectResults,
    problems: ['invalid_cursor'],
  })
  async searchSubjects(@Caller() caller: Principal, @Body({ schema: subjectSearch }) request: SubjectSearch) {
    return this.read(caller, (em) => searchSubjects(em, caller, request, this.roleMatrices));
  }

  @Post('access/v1/search/resource')
  @HttpCode(200)
  @Operation({
    summary: 'What may this person reach?',
    description: `${neverStale} In one organization, or without one in all that you may ask about.`,
    answer: resourceResults,
    problems: ['invalid_cursor'],
  })
  async searchResources(@Caller() caller: Principal, @Body({ schema: resourceSearch }) request: ResourceSearch) {
    return this.read(caller, (em) => searchResources(em, caller, request, this.roleMatrices));
  }

  @Post('access/v1/search/action')
  @HttpCode(200)
  @Operation({
    summary: 'What may this person do with the setting?',
    description: neverStale,
    answer: actionResults,
  })
  async searchActions(@Caller() caller: Principal, @Body({ schema: actionSearch }) request: ActionSearch) {
    return this.read(caller, (em) => searchActions(em, caller, request, this.roleMatrices));
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

  private read<T>(caller: Principal, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(caller.tenancy, work);
  }
}
