import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { isEligibleApprover, mayWithdraw } from '#access';
import type { ChangeRequestView, Refusal } from '#contracts';
import {
  approveRequest,
  cancelRequest,
  changeRequestFlow,
  Decisions,
  denyRequest,
  listLostMails,
  readCase,
  resendMails,
  subjectOf,
  type Actor,
  type Decision,
} from '#decisions';
import { Database, databaseNow } from '#persistence';
import { denyForm, submit } from '../approvals/form.ts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { lostMailsInWords } from '../mail-delivery/lost-mails.ts';
import { ResourceId } from '../problem/validation.ts';
import { badgeOf, changeInWords, headings } from './change-in-words.ts';

/** The page a mail leads to: who proposes what, and the decision. */
@Pages()
@Controller('change-requests')
export class ChangeRequestsPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get(':id')
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(actor, id, request, response);
  }

  @Post(':id/approve')
  @Html()
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'change-made', (decision) =>
      approveRequest(decision, changeRequestFlow, id, {}),
    );
  }

  @Post(':id/deny')
  @Html()
  async deny(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Body({ schema: denyForm }) form: z.infer<typeof denyForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'change-denied', (decision) =>
      denyRequest(decision, changeRequestFlow, id, form),
    );
  }

  @Post(':id/cancel')
  @Html()
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'cancelled', (decision) =>
      cancelRequest(decision, changeRequestFlow, id),
    );
  }

  @Post(':id/resend')
  @Html()
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'mails-resent', (decision) =>
      resendMails(decision, changeRequestFlow, id),
    );
  }

  private decide(
    actor: Actor,
    id: string,
    request: AuthenticatedRequest,
    response: Response,
    notice: string,
    act: (decision: Decision) => Promise<unknown>,
  ): Promise<string | undefined> {
    return submit({
      response,
      act: async () => {
        await this.decisions.decide(actor, act);
        return `/change-requests/${id}?notice=${notice}`;
      },
      again: (refusal) => this.page(actor, id, request, response, refusal),
    });
  }

  private async page(
    actor: Actor,
    id: string,
    request: AuthenticatedRequest,
    response: Response,
    refusal: Refusal | null = null,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const viewer = await subjectOf(em, actor);
      const view: ChangeRequestView = await readCase(em, changeRequestFlow, viewer, id);
      const parties = {
        requesterId: view.requester.id,
        partnerId: view.partnerId,
        organizationId: view.organizationId,
      };
      const isPending = view.status === 'pending';
      const known = { accountIds: [view.requester.id], organizationIds: [view.organizationId] };
      return {
        ...view,
        heading: headings[view.status](view),
        badge: badgeOf(view),
        words: changeInWords(view),
        isPending,
        mayDecide: isPending && isEligibleApprover(viewer, parties, await databaseNow(em)).allowed,
        mayCancel: isPending && mayWithdraw(viewer, parties).allowed,
        lostMails: lostMailsInWords(await listLostMails(em, viewer, { rowId: id }, known), isPending),
      };
    });
    return this.console.page(request, response, {
      template: 'change-requests/change-request',
      title: model.heading,
      organizationId: model.organizationId,
      alert: refusal && wordsOf(refusal),
      model,
    });
  }
}
