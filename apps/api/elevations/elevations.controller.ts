import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  approveElevation as approveBody,
  cancelElevation as cancelBody,
  createElevation,
  denyElevation as denyBody,
  elevation,
  elevationPage,
  elevationQuery,
  returnElevation as returnBody,
  revokeElevation as revokeBody,
  waitQuery,
  type CreateElevation,
  type ElevationQuery,
  type ElevationView,
} from '#contracts';
import {
  approveRequest,
  cancelRequest,
  denyRequest,
  elevationFlow,
  listElevations,
  requestElevation,
  resendMails,
  returnGrant,
  revokeGrant,
  subjectOf,
  type Actor,
  type Once,
} from '#decisions';
import { Database } from '#persistence';
import type { Wait } from '../answers/long-polls.ts';
import { Waiter } from '../answers/wait.ts';
import type { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { Cases } from '../approvals/cases.ts';
import { approverProblems, decisionProblems, resendOperation } from '../approvals/problems.ts';
import { CallerAsActor, CallerSayingNo } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('elevations')
@Controller('v1/elevations')
export class ElevationsController {
  constructor(
    private readonly cases: Cases,
    private readonly database: Database,
  ) {}

  @Post()
  @Operation({
    summary: "Ask a customer's administrators for full access",
    description: 'Asked by a help-desk Advanced administrator of a partner with a provisioned relationship.',
    answer: elevation,
    status: 201,
    problems: [
      'not_found',
      'person_required',
      'not_help_desk_advanced',
      'no_provisioned_relationship',
      'partner_required',
      'duration_above_policy',
      'no_eligible_approver',
      'elevation_already_open',
      'idempotency_key_reused',
    ],
  })
  async request(
    @CallerAsActor() actor: Actor,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createElevation }) body: CreateElevation,
  ): Promise<Created<ElevationView>> {
    return this.cases.create(actor, elevationFlow, once, '/v1/elevations', (decision) =>
      requestElevation(decision, body),
    );
  }

  @Get()
  @Operation({
    scope: 'grants:read',
    summary: 'Elevations of both sides that you may see, newest first',
    answer: elevationPage,
    problems: ['not_found'],
  })
  async list(@CallerAsActor() actor: Actor, @Query({ schema: elevationQuery }) query: ElevationQuery) {
    return this.database.transaction(actor.tenancy, async (em) =>
      listElevations(em, await subjectOf(em, actor), query),
    );
  }

  @Get(':id')
  @Operation({
    summary: 'One elevation, with its grant once it is approved',
    scope: 'grants:read',
    answer: elevation,
    problems: ['not_found'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>,
    @Waiter() waiter: Omit<Wait, 'seconds'>,
  ): Promise<ElevationView> {
    return this.cases.read(
      actor,
      elevationFlow,
      id,
      { ...waiter, seconds: wait },
      ({ status, grant }) => `${status} ${grant?.status}`,
    );
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Operation({
    summary: 'Approve: the grant runs from this moment',
    answer: elevation,
    problems: [...approverProblems, 'elevation_not_pending', 'requester_not_entitled', 'duration_above_policy'],
  })
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: approveBody.prefault({}) }) body: z.infer<typeof approveBody>,
  ): Promise<ElevationView> {
    return this.cases.act(actor, elevationFlow, (decision) =>
      approveRequest(decision, elevationFlow, id, body, matching(ifMatch)),
    );
  }

  @Post(':id/deny')
  @HttpCode(200)
  @Operation({
    summary: 'Deny, and say where it was unexpected',
    answer: elevation,
    problems: [...approverProblems, 'elevation_not_pending'],
  })
  async deny(
    @CallerSayingNo() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: denyBody.prefault({}) }) body: z.infer<typeof denyBody>,
  ): Promise<ElevationView> {
    return this.cases.act(actor, elevationFlow, (decision) =>
      denyRequest(decision, elevationFlow, id, body, matching(ifMatch)),
    );
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Operation({
    summary: 'Withdraw your own request',
    answer: elevation,
    problems: [...decisionProblems, 'elevation_not_pending', 'not_your_request'],
  })
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: cancelBody.prefault({}) }) _body: z.infer<typeof cancelBody>,
  ): Promise<ElevationView> {
    return this.cases.act(actor, elevationFlow, (decision) =>
      cancelRequest(decision, elevationFlow, id, matching(ifMatch)),
    );
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Operation({
    summary: 'End the grant, as a full administrator of the customer',
    answer: elevation,
    problems: [...decisionProblems, 'not_full_administrator', 'grant_not_active'],
  })
  async revoke(
    @CallerSayingNo() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: revokeBody.prefault({}) }) body: z.infer<typeof revokeBody>,
  ): Promise<ElevationView> {
    return this.cases.act(actor, elevationFlow, (decision) =>
      revokeGrant(decision, elevationFlow, id, body, matching(ifMatch)),
    );
  }

  @Post(':id/resend')
  @HttpCode(200)
  @Operation({ ...resendOperation, answer: elevation })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<ElevationView> {
    return this.cases.act(actor, elevationFlow, (decision) =>
      resendMails(decision, elevationFlow, id, matching(ifMatch)),
    );
  }

  @Post(':id/return')
  @HttpCode(200)
  @Operation({
    summary: 'Give your access back before its time',
    answer: elevation,
    problems: [...decisionProblems, 'not_your_request', 'grant_not_active'],
  })
  async return(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: returnBody.prefault({}) }) _body: z.infer<typeof returnBody>,
  ): Promise<ElevationView> {
    return this.cases.act(actor, elevationFlow, (decision) =>
      returnGrant(decision, elevationFlow, id, matching(ifMatch)),
    );
  }
}
