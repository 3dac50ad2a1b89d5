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
  Decisions,
  listHelpDeskSessions,
  onlyOnce,
  openHelpDeskSession,
  readHelpDeskSession,
  resendHelpDeskSessionMails,
  returnHelpDeskSession,
  revokeHelpDeskSession,
  subjectOf,
  viewHelpDeskSession,
  type Actor,
  type Decision,
  type Once,
} from '#decisions';
import { Database, type HelpDeskSession } from '#persistence';
import { Created } from '../answers/created.ts';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { untilChanged } from '../answers/until-changed.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('help-desk sessions')
@Controller('v1/help-desk-sessions')
export class HelpDeskSessionsController {
  constructor(
    private readonly decisions: Decisions,
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
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => {
        const opened = await openHelpDeskSession(decision, body);
        return viewHelpDeskSession(decision.em, opened, await decision.now());
      }),
    );
    return new Created(`/v1/help-desk-sessions/${view.id}`, view);
  }

  @Get()
  @Operation({ summary: 'Sessions of both sides that you may see, newest first', answer: helpDeskSessionPage })
  async list(@CallerAsActor() actor: Actor, @Query({ schema: helpDeskSessionQuery }) query: HelpDeskSessionQuery) {
    return this.database.transaction(actor.tenancy, async (em) =>
      listHelpDeskSessions(em, await subjectOf(em, actor), query),
    );
  }

  @Get(':id')
  @Operation({ summary: 'One session, with its end', answer: helpDeskSession, problems: ['not_found'] })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: waitQuery }) { wait }: z.infer<typeof waitQuery>,
  ): Promise<HelpDeskSessionView> {
    const look = () =>
      this.database.transaction(actor.tenancy, async (em) => readHelpDeskSession(em, await subjectOf(em, actor), id));
    return untilChanged(wait, look, ({ status }) => status);
  }

  @Post(':id/return')
  @HttpCode(200)
  @Operation({
    summary: 'Close your session before its time',
    answer: helpDeskSession,
    problems: ['not_found', 'not_your_request', 'grant_not_active', 'version_mismatch'],
  })
  async return(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: returnBody.prefault({}) }) _body: z.infer<typeof returnBody>,
  ): Promise<HelpDeskSessionView> {
    return this.decide(actor, id, ifMatch, (decision) => returnHelpDeskSession(decision, id));
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Operation({
    summary: 'End the session, as a full administrator of the customer',
    answer: helpDeskSession,
    problems: ['not_found', 'not_full_administrator', 'grant_not_active', 'version_mismatch'],
  })
  async revoke(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: revokeBody.prefault({}) }) body: z.infer<typeof revokeBody>,
  ): Promise<HelpDeskSessionView> {
    return this.decide(actor, id, ifMatch, (decision) => revokeHelpDeskSession(decision, id, body));
  }

  @Post(':id/resend')
  @HttpCode(200)
  @Operation({
    summary: 'Have the mails that could not be delivered tried again',
    description:
      'For `notifications.undeliverable`, once the address or the mail server is mended. Mails that have arrived or are still under way are not sent a second time.',
    answer: helpDeskSession,
    problems: ['not_found', 'version_mismatch'],
  })
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<HelpDeskSessionView> {
    return this.decide(actor, id, ifMatch, (decision) => resendHelpDeskSessionMails(decision, id));
  }

  private async decide(
    actor: Actor,
    id: string,
    ifMatch: string | null,
    act: (decision: Decision) => Promise<HelpDeskSession>,
  ): Promise<HelpDeskSessionView> {
    return this.decisions.decide(actor, async (decision) => {
      const { em } = decision;
      await requireMatch(ifMatch, async () => readHelpDeskSession(em, await subjectOf(em, actor), id));
      const decided = await act(decision);
      await em.flush();
      return viewHelpDeskSession(em, decided, await decision.now());
    });
  }
}
