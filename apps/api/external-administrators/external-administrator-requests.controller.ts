import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  approveExternalAdministrator as approveBody,
  cancelExternalAdministratorRequest as cancelBody,
  createExternalAdministratorRequest,
  denyExternalAdministrator as denyBody,
  externalAdministratorRequest,
  externalAdministratorRequestPage,
  externalAdministratorRequestQuery,
  waitQuery,
  type ApproveExternalAdministrator,
  type CreateExternalAdministratorRequest,
  type ExternalAdministratorRequestQuery,
  type ExternalAdministratorRequestView,
} from '#contracts';
import {
  approveRequest,
  cancelRequest,
  denyRequest,
  externalAdministratorFlow,
  listExternalAdministratorRequests,
  requestExternalAdministration,
  resendMails,
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

@ApiTags('external administrators')
@Controller('v1/external-administrator-requests')
export class ExternalAdministratorRequestsController {
  constructor(
    private readonly cases: Cases,
    private readonly database: Database,
  ) {}

  @Post()
  @Operation({
    summary: 'Ask a customer to let you administer it',
    description:
      'Asked by a partner administrator without access to the customer. The answer is the same whether or not there is ' +
      'such a customer; a request that reaches nobody expires. `attach` skips the approval where the deployment allows it.',
    answer: externalAdministratorRequest,
    status: 201,
    problems: [
      'address_not_acceptable',
      'person_required',
      'not_partner_administrator',
      'partner_required',
      'consumer_account',
      'has_access_already',
      'request_already_open',
      'approval_required',
      'idempotency_key_reused',
    ],
  })
  async request(
    @CallerAsActor() actor: Actor,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createExternalAdministratorRequest }) body: CreateExternalAdministratorRequest,
  ): Promise<Created<ExternalAdministratorRequestView>> {
    const path = '/v1/external-administrator-requests';
    return this.cases.create(actor, externalAdministratorFlow, once, path, (decision) =>
      requestExternalAdministration(decision, body),
    );
  }

  @Get()
  @Operation({
    scope: 'grants:read',
    summary: 'Requests you may see, newest first',
    answer: externalAdministratorRequestPage,
    problems: ['not_found'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Query({ schema: externalAdministratorRequestQuery }) query: ExternalAdministratorRequestQuery,
  ) {
    return this.database.transaction(actor.tenancy, async (em) =>
      listExternalAdministratorRequests(em, await subjectOf(em, actor), query),
    );
  }

  @Get(':id')
  @Operation({
    summary: 'One request, with the access it gave once it is approved',
    scope: 'grants:read',
    answer: externalAdministratorRequest,
    problems: ['not_found'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>,
    @Waiter() waiter: Omit<Wait, 'seconds'>,
  ): Promise<ExternalAdministratorRequestView> {
    return this.cases.read(
      actor,
      externalAdministratorFlow,
      id,
      { ...waiter, seconds: wait },
      ({ status, access }) => `${status} ${access?.status}`,
    );
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Operation({
    summary: 'Approve, with the address of the person who asks and a role',
    description: 'A wrong address is refused and recorded; the request stays as it is.',
    answer: externalAdministratorRequest,
    problems: [
      'address_not_acceptable',
      ...approverProblems,
      'request_not_pending',
      'address_not_confirmed',
      'role_not_available',
      'term_out_of_bounds',
      'requester_not_entitled',
    ],
  })
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: approveBody }) body: ApproveExternalAdministrator,
  ): Promise<ExternalAdministratorRequestView> {
    return this.cases.act(actor, externalAdministratorFlow, (decision) =>
      approveRequest(decision, externalAdministratorFlow, id, body, matching(ifMatch)),
    );
  }

  @Post(':id/deny')
  @HttpCode(200)
  @Operation({
    summary: 'Deny, and say where it was unexpected',
    answer: externalAdministratorRequest,
    problems: [...approverProblems, 'request_not_pending'],
  })
  async deny(
    @CallerSayingNo() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: denyBody.prefault({}) }) body: z.infer<typeof denyBody>,
  ): Promise<ExternalAdministratorRequestView> {
    return this.cases.act(actor, externalAdministratorFlow, (decision) =>
      denyRequest(decision, externalAdministratorFlow, id, body, matching(ifMatch)),
    );
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Operation({
    summary: 'Withdraw your own request',
    answer: externalAdministratorRequest,
    problems: [...decisionProblems, 'request_not_pending', 'not_your_request'],
  })
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: cancelBody.prefault({}) }) _body: z.infer<typeof cancelBody>,
  ): Promise<ExternalAdministratorRequestView> {
    return this.cases.act(actor, externalAdministratorFlow, (decision) =>
      cancelRequest(decision, externalAdministratorFlow, id, matching(ifMatch)),
    );
  }

  @Post(':id/resend')
  @HttpCode(200)
  @Operation({ ...resendOperation, answer: externalAdministratorRequest })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<ExternalAdministratorRequestView> {
    return this.cases.act(actor, externalAdministratorFlow, (decision) =>
      resendMails(decision, externalAdministratorFlow, id, matching(ifMatch)),
    );
  }
}
