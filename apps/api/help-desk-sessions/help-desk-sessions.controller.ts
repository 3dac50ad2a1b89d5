import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  helpDeskSession,
  helpDeskSessionPage,
  helpDeskSessionQuery,
  openHelpDeskSession as openBody,
  returnHelpDeskSession as returnBody,
  revokeHelpDeskSession as revokeBody,
  waitQuery,
  type HelpDeskSessionQuery,
  type HelpDeskSessionView,
  type OpenHelpDeskSession,
} from '#contracts';
import {
  helpDeskSessionFlow,
  listHelpDeskSessions,
  openHelpDeskSession,
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
import { decisionProblems, resendOperation } from '../approvals/problems.ts';
import { CallerAsActor, CallerSayingNo } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('help-desk sessions')
@Controller('v1/help-desk-sessions')
export class HelpDeskSessionsController {
  constructor(
    private readonly cases: Cases,
    private readonly database: Database,
  ) {}

  @Post()
  @Operation({
    summary: 'Open a customer for reading',
    description: 'By help desk, Basic or Advanced, with a reason; granted at once, and the customer sees it.',
    answer: helpDeskSession,
    status: 201,
    problems: [
      'not_found',
      'person_required',
      'not_help_desk',
      'no_provisioned_relationship',
      'partner_required',
      'session_already_open',
      'idempotency_key_reused',
    ],
  })
  async open(
    @CallerAsActor() actor: Actor,
    @OnlyOnce() once: Once | null,
    @Body({ schema: openBody }) body: OpenHelpDeskSession,
  ): Promise<Created<HelpDeskSessionView>> {
    return this.cases.create(actor, helpDeskSessionFlow, once, '/v1/help-desk-sessions', (decision) =>
      openHelpDeskSession(decision, body),
    );
  }

  @Get()
  @Operation({
    scope: 'grants:read',
    summary: 'Sessions of both sides that you may see, newest first',
    answer: helpDeskSessionPage,
    problems: ['not_found'],
  })
  async list(@CallerAsActor() actor: Actor, @Query({ schema: helpDeskSessionQuery }) query: HelpDeskSessionQuery) {
    return this.database.transaction(actor.tenancy, async (em) =>
      listHelpDeskSessions(em, await subjectOf(em, actor), query),
    );
  }

  @Get(':id')
  @Operation({
    scope: 'grants:read',
    summary: 'One session, with its end',
    answer: helpDeskSession,
    problems: ['not_found'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>,
    @Waiter() waiter: Omit<Wait, 'seconds'>,
  ): Promise<HelpDeskSessionView> {
    return this.cases.read(actor, helpDeskSessionFlow, id, { ...waiter, seconds: wait }, ({ status }) => status);
  }

  @Post(':id/return')
  @HttpCode(200)
  @Operation({
    summary: 'Close your session before its time',
    answer: helpDeskSession,
    problems: [...decisionProblems, 'not_your_request', 'grant_not_active'],
  })
  async return(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: returnBody.prefault({}) }) _body: z.infer<typeof returnBody>,
  ): Promise<HelpDeskSessionView> {
    return this.cases.act(actor, helpDeskSessionFlow, (decision) =>
      returnGrant(decision, helpDeskSessionFlow, id, matching(ifMatch)),
    );
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Operation({
    summary: 'End the session, as a full administrator of the customer',
    answer: helpDeskSession,
    problems: [...decisionProblems, 'not_full_administrator', 'grant_not_active'],
  })
  async revoke(
    @CallerSayingNo() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: revokeBody.prefault({}) }) body: z.infer<typeof revokeBody>,
  ): Promise<HelpDeskSessionView> {
    return this.cases.act(actor, helpDeskSessionFlow, (decision) =>
      revokeGrant(decision, helpDeskSessionFlow, id, body, matching(ifMatch)),
    );
  }

  @Post(':id/resend')
  @HttpCode(200)
  @Operation({ ...resendOperation, answer: helpDeskSession })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<HelpDeskSessionView> {
    return this.cases.act(actor, helpDeskSessionFlow, (decision) =>
      resendMails(decision, helpDeskSessionFlow, id, matching(ifMatch)),
    );
  }
}
