import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { organizationSight } from '#access';
import {
  approveChangeRequest as approveBody,
  cancelChangeRequest as cancelBody,
  changeRequest,
  changeRequestPage,
  changeRequestQuery,
  createChangeRequest,
  denyChangeRequest as denyBody,
  waitQuery,
  type ChangeRequestQuery,
  type ChangeRequestView,
  type CreateChangeRequest,
} from '#contracts';
import {
  approveRequest,
  cancelRequest,
  changeRequestFlow,
  denyRequest,
  listChangeRequests,
  proposeChange,
  requireSight,
  resendMails,
  type Actor,
  type Once,
} from '#decisions';
import { Database, databaseNow } from '#persistence';
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

@ApiTags('change requests')
@Controller('v1')
export class ChangeRequestsController {
  constructor(
    private readonly cases: Cases,
    private readonly database: Database,
  ) {}

  @Post('organizations/:organizationId/change-requests')
  @Operation({
    summary: 'Propose a change of who may decide, or of how somebody signs in',
    description:
      'An appointment of a further full administrator or a change of sign-in by the partner, or weaker terms by the ' +
      'organization itself. Nothing changes before an independent full administrator of the organization agrees; a ' +
      'proposal stays open for 7 days.',
    answer: changeRequest,
    status: 201,
    problems: [
      'not_found',
      'person_required',
      'may_not_assign_administrator_roles',
      'may_not_change_login_methods',
      'authentication_is_the_tenants_own',
      'may_not_change_policy',
      'partner_required',
      'duration_above_policy',
      'duration_below_minimum',
      'no_eligible_approver',
      'change_needs_no_approval',
      'change_request_already_open',
      'idempotency_key_reused',
    ],
  })
  async propose(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createChangeRequest }) body: CreateChangeRequest,
  ): Promise<Created<ChangeRequestView>> {
    return this.cases.create(actor, changeRequestFlow, once, '/v1/change-requests', (decision) =>
      proposeChange(decision, organizationId, body),
    );
  }

  @Get('organizations/:organizationId/change-requests')
  @Operation({
    summary: 'Proposals about an organization that you may see, newest first',
    answer: changeRequestPage,
    problems: ['not_found', 'forbidden'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: changeRequestQuery }) query: ChangeRequestQuery,
  ) {
    return this.database.transaction(actor.tenancy, async (em) => {
      const { subject } = await requireSight(em, actor, organizationId, organizationSight, await databaseNow(em));
      return listChangeRequests(em, subject, organizationId, query);
    });
  }

  @Get('change-requests/:id')
  @Operation({ summary: 'One proposal', answer: changeRequest, problems: ['not_found'] })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>,
    @Waiter() waiter: Omit<Wait, 'seconds'>,
  ): Promise<ChangeRequestView> {
    return this.cases.read(actor, changeRequestFlow, id, { ...waiter, seconds: wait }, ({ status }) => status);
  }

  @Post('change-requests/:id/approve')
  @HttpCode(200)
  @Operation({
    summary: 'Agree: the change is made at this moment',
    answer: changeRequest,
    problems: [
      ...approverProblems,
      'request_not_pending',
      'requester_not_entitled',
      'no_longer_possible',
      'provider_untested',
      'domain_not_proven',
    ],
  })
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: approveBody.prefault({}) }) body: z.infer<typeof approveBody>,
  ): Promise<ChangeRequestView> {
    return this.cases.act(actor, changeRequestFlow, (decision) =>
      approveRequest(decision, changeRequestFlow, id, body, matching(ifMatch)),
    );
  }

  @Post('change-requests/:id/deny')
  @HttpCode(200)
  @Operation({
    summary: 'Deny, and say where it was unexpected',
    answer: changeRequest,
    problems: [...approverProblems, 'request_not_pending'],
  })
  async deny(
    @CallerSayingNo() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: denyBody.prefault({}) }) body: z.infer<typeof denyBody>,
  ): Promise<ChangeRequestView> {
    return this.cases.act(actor, changeRequestFlow, (decision) =>
      denyRequest(decision, changeRequestFlow, id, body, matching(ifMatch)),
    );
  }

  @Post('change-requests/:id/cancel')
  @HttpCode(200)
  @Operation({
    summary: 'Withdraw your own proposal',
    answer: changeRequest,
    problems: [...decisionProblems, 'request_not_pending', 'not_your_request'],
  })
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: cancelBody.prefault({}) }) _body: z.infer<typeof cancelBody>,
  ): Promise<ChangeRequestView> {
    return this.cases.act(actor, changeRequestFlow, (decision) =>
      cancelRequest(decision, changeRequestFlow, id, matching(ifMatch)),
    );
  }

  @Post('change-requests/:id/resend')
  @HttpCode(200)
  @Operation({ ...resendOperation, answer: changeRequest })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<ChangeRequestView> {
    return this.cases.act(actor, changeRequestFlow, (decision) =>
      resendMails(decision, changeRequestFlow, id, matching(ifMatch)),
    );
  }
}
