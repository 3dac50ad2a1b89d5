import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Matrices } from '#access';
import type { CompleteConfig } from '#config';
import { evaluationRequest, evaluationResponse, type EvaluationRequest, type EvaluationResponse } from '#contracts';
import { evaluate } from '#decisions';
import type { Principal } from '#identity';
import { Database } from '#persistence';
import { Public } from '../authentication/authentication.guard.ts';
import { Caller } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { configuration, matrices } from '../tokens.ts';

@ApiTags('evaluation')
@Controller()
export class EvaluationController {
  constructor(
    private readonly database: Database,
    @Inject(matrices) private readonly roleMatrices: Matrices,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Post('access/v1/evaluation')
  @HttpCode(200)
  @Operation({
    summary: 'May they do this now?',
    description: 'AuthZEN 1.0. Judged from the present state by the clock of the database: never cached, never stale.',
    answer: evaluationResponse,
  })
  async evaluate(
    @Caller() caller: Principal,
    @Body({ schema: evaluationRequest }) request: EvaluationRequest,
  ): Promise<EvaluationResponse> {
    return this.database.transaction(caller.tenancy, (em) => evaluate(em, caller, request, this.roleMatrices));
  }

  @Get('.well-known/authzen-configuration')
  @Public()
  @Operation({ summary: 'Where the AuthZEN endpoints are', isPublic: true })
  discovery() {
    const { publicUrl } = this.config;
    return { policy_decision_point: publicUrl, access_evaluation_endpoint: `${publicUrl}/access/v1/evaluation` };
  }
}
