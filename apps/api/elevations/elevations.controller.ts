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
  approveElevation,
  cancelElevation,
  Decisions,
  denyElevation,
  listElevations,
  onlyOnce,
  readElevation,
  requestElevation,
  resendElevationMails,
  returnElevation,
  revokeElevation,
  subjectOf,
  viewElevation,
  type Actor,
  type Decision,
  type Once,
} from '#decisions';
import { Database, Elevation, type EntityManager } from '#persistence';
import { Created } from '../answers/created.ts';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { untilChanged } from '../answers/until-changed.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

const decisionProblems = ['not_found', 'elevation_not_pending', 'version_mismatch'] as const;
const approverProblems = [
  ...decisionProblems,
  'approver_not_full_administrator',
  'approver_is_requester',
  'approver_in_requesting_partner',
  'person_required',
  'support_never_approves',
] as const;

@ApiTags('elevations')
@Controller('v1/elevations')
export class ElevationsController {
  constructor(
    private readonly decisions: Decisions,
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
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => {
        const requested = await requestElevation(decision, body);
        return viewElevation(decision.em, requested, await decision.now());
      }),
    );
    return new Created(`/v1/elevations/${view.id}`, view);
  }

  @Get()
  @Operation({ summary: 'Elevations of both sides that you may see, newest first', answer: elevationPage })
  async list(@CallerAsActor() actor: Actor, @Query({ schema: elevationQuery }) query: ElevationQuery) {
    return this.read(actor, async (em) => listElevations(em, await subjectOf(em, actor), query));
  }

  @Get(':id')
  @Operation({
    summary: 'One elevation, with its grant once it is approved',
    answer: elevation,
    problems: ['not_found'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>,
  ): Promise<ElevationView> {
    const look = () => this.read(actor, async (em) => readElevation(em, await subjectOf(em, actor), id));
    return untilChanged(wait, look, ({ status, grant }) => `${status} ${grant?.status}`);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Operation({
    summary: 'Approve: the grant runs from this moment',
    answer: elevation,
    problems: [...approverProblems, 'requester_not_entitled', 'duration_above_policy'],
  })
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: approveBody.prefault({}) }) body: z.infer<typeof approveBody>,
  ): Promise<ElevationView> {
    return this.decide(actor, id, ifMatch, (decision) => approveElevation(decision, id, body));
  }

  @Post(':id/deny')
  @HttpCode(200)
  @Operation({ summary: 'Deny, and say where it was unexpected', answer: elevation, problems: approverProblems })
  async deny(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: denyBody.prefault({}) }) body: z.infer<typeof denyBody>,
  ): Promise<ElevationView> {
    return this.decide(actor, id, ifMatch, (decision) => denyElevation(decision, id, body));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Operation({
    summary: 'Withdraw your own request',
    answer: elevation,
    problems: [...decisionProblems, 'not_your_request'],
  })
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: cancelBody.prefault({}) }) _body: z.infer<typeof cancelBody>,
  ): Promise<ElevationView> {
    return this.decide(actor, id, ifMatch, (decision) => cancelElevation(decision, id));
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Operation({
    summary: 'End the grant, as a full administrator of the customer',
    answer: elevation,
    problems: ['not_found', 'not_full_administrator', 'grant_not_active', 'version_mismatch'],
  })
  async revoke(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: revokeBody.prefault({}) }) body: z.infer<typeof revokeBody>,
  ): Promise<ElevationView> {
    return this.decide(actor, id, ifMatch, (decision) => revokeElevation(decision, id, body));
  }

  @Post(':id/resend')
  @HttpCode(200)
  @Operation({
    summary: 'Have the mails that could not be delivered tried again',
    description:
      'For `notifications.undeliverable`, once the address or the mail server is mended. Mails that have arrived or are still under way are not sent a second time.',
    answer: elevation,
    problems: ['not_found', 'version_mismatch'],
  })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<ElevationView> {
    return this.decide(actor, id, ifMatch, (decision) => resendElevationMails(decision, id));
  }

  @Post(':id/return')
  @HttpCode(200)
  @Operation({
    summary: 'Give your access back before its time',
    answer: elevation,
    problems: ['not_found', 'not_your_request', 'grant_not_active', 'version_mismatch'],
  })
  async return(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: returnBody.prefault({}) }) _body: z.infer<typeof returnBody>,
  ): Promise<ElevationView> {
    return this.decide(actor, id, ifMatch, (decision) => returnElevation(decision, id));
  }

  private async decide(
    actor: Actor,
    id: string,
    ifMatch: string | null,
    act: (decision: Decision) => Promise<Elevation>,
  ): Promise<ElevationView> {
    return this.decisions.decide(actor, async (decision) => {
      const { em } = decision;
      await requireMatch(ifMatch, async () => readElevation(em, await subjectOf(em, actor), id));
      const decided = await act(decision);
      await em.flush();
      return viewElevation(em, decided, await decision.now());
    });
  }

  private read<T>(actor: Actor, work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.database.transaction(actor.tenancy, work);
  }
}
