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
  Refusal,
  waitQuery,
  type ApproveExternalAdministrator,
  type CreateExternalAdministratorRequest,
  type ExternalAdministratorRequestQuery,
  type ExternalAdministratorRequestView,
} from '#contracts';
import {
  approveExternalAdministrator,
  cancelExternalAdministratorRequest,
  Decisions,
  denyExternalAdministrator,
  findExternalAdministratorRequest,
  findExternalAdministratorRequests,
  onlyOnce,
  requestExternalAdministration,
  resendExternalAdministratorMails,
  subjectOf,
  viewExternalAdministratorRequest,
  viewExternalAdministratorRequests,
  type Actor,
  type Decision,
  type Once,
} from '#decisions';
import { asSystem, Database, databaseNow, ExternalAdministratorRequest } from '#persistence';
import { Created } from '../answers/created.ts';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { untilChanged } from '../answers/until-changed.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

const decisionProblems = ['not_found', 'request_not_pending', 'version_mismatch'] as const;
const approverProblems = [
  ...decisionProblems,
  'approver_not_full_administrator',
  'approver_is_requester',
  'approver_in_requesting_partner',
  'person_required',
  'support_never_approves',
] as const;

@ApiTags('external administrators')
@Controller('v1/external-administrator-requests')
export class ExternalAdministratorRequestsController {
  constructor(
    private readonly decisions: Decisions,
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
    const view = await this.decisions.decide({ ...actor, tenancy: asSystem }, (decision) =>
      onlyOnce(decision.em, once, async () =>
        this.view(decision, actor, await requestExternalAdministration(decision, body)),
      ),
    );
    return new Created(`/v1/external-administrator-requests/${view.id}`, view);
  }

  @Get()
  @Operation({ summary: 'Requests you may see, newest first', answer: externalAdministratorRequestPage })
  async list(
    @CallerAsActor() actor: Actor,
    @Query({ schema: externalAdministratorRequestQuery }) query: ExternalAdministratorRequestQuery,
  ) {
    const { ids, nextCursor } = await this.database.transaction(actor.tenancy, async (em) =>
      findExternalAdministratorRequests(em, await subjectOf(em, actor), query),
    );
    const items = await this.database.transaction(asSystem, async (em) =>
      viewExternalAdministratorRequests(em, await subjectOf(em, actor), ids, await databaseNow(em)),
    );
    return { items, nextCursor };
  }

  @Get(':id')
  @Operation({
    summary: 'One request, with the access it gave once it is approved',
    answer: externalAdministratorRequest,
    problems: ['not_found'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>,
  ): Promise<ExternalAdministratorRequestView> {
    const look = async () => {
      await this.requireSight(actor, id);
      return this.database.transaction(asSystem, async (em) => {
        const request = await em.findOneOrFail(ExternalAdministratorRequest, { id });
        return viewExternalAdministratorRequest(em, await subjectOf(em, actor), request, await databaseNow(em));
      });
    };
    return untilChanged(wait, look, ({ status, access }) => `${status} ${access?.status}`);
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Operation({
    summary: 'Approve, with the address of the person who asks and a role',
    description: 'A wrong address is refused and recorded; the request stays as it is.',
    answer: externalAdministratorRequest,
    problems: [...approverProblems, 'address_not_confirmed', 'role_not_available', 'requester_not_entitled'],
  })
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: approveBody }) body: ApproveExternalAdministrator,
  ): Promise<ExternalAdministratorRequestView> {
    return this.decide(actor, id, ifMatch, (decision) => approveExternalAdministrator(decision, id, body));
  }

  @Post(':id/deny')
  @HttpCode(200)
  @Operation({
    summary: 'Deny, and say where it was unexpected',
    answer: externalAdministratorRequest,
    problems: approverProblems,
  })
  async deny(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: denyBody.prefault({}) }) body: z.infer<typeof denyBody>,
  ): Promise<ExternalAdministratorRequestView> {
    return this.decide(actor, id, ifMatch, (decision) => denyExternalAdministrator(decision, id, body));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Operation({
    summary: 'Withdraw your own request',
    answer: externalAdministratorRequest,
    problems: [...decisionProblems, 'not_your_request'],
  })
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: cancelBody.prefault({}) }) _body: z.infer<typeof cancelBody>,
  ): Promise<ExternalAdministratorRequestView> {
    return this.decide(actor, id, ifMatch, (decision) => cancelExternalAdministratorRequest(decision, id));
  }

  @Post(':id/resend')
  @HttpCode(200)
  @Operation({
    summary: 'Have the mails that could not be delivered tried again',
    description:
      'For `notifications.undeliverable`, once the address or the mail server is mended. Mails that have arrived or are still under way are not sent a second time.',
    answer: externalAdministratorRequest,
    problems: ['not_found', 'version_mismatch'],
  })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<ExternalAdministratorRequestView> {
    return this.decide(actor, id, ifMatch, (decision) => resendExternalAdministratorMails(decision, id));
  }

  /** Decided as the system, since neither side reads the other's people; whose row it is, the caller's own sight tells. */
  private async decide(
    actor: Actor,
    id: string,
    ifMatch: string | null,
    act: (decision: Decision) => Promise<ExternalAdministratorRequest>,
  ): Promise<ExternalAdministratorRequestView> {
    await this.requireRow(actor, id);
    return this.decisions.decide({ ...actor, tenancy: asSystem }, async (decision) => {
      const { em } = decision;
      await requireMatch(ifMatch, async () =>
        this.view(decision, actor, await em.findOneOrFail(ExternalAdministratorRequest, { id })),
      );
      return this.view(decision, actor, await act(decision));
    });
  }

  private async view(
    { em, now }: Decision,
    actor: Actor,
    request: ExternalAdministratorRequest,
  ): Promise<ExternalAdministratorRequestView> {
    await em.flush();
    return viewExternalAdministratorRequest(em, await subjectOf(em, actor), request, await now());
  }

  private async requireSight(actor: Actor, id: string): Promise<void> {
    await this.database.transaction(actor.tenancy, async (em) =>
      findExternalAdministratorRequest(em, await subjectOf(em, actor), id),
    );
  }

  private async requireRow(actor: Actor, id: string): Promise<void> {
    const row = await this.database.transaction(actor.tenancy, (em) =>
      em.findOne(ExternalAdministratorRequest, { id }),
    );
    if (!row) throw new Refusal('not_found');
  }
}
