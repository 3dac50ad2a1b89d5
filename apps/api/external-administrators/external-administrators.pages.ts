import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { mayManageExternalAdministrators, mayWithdraw } from '#access';
import {
  approveExternalAdministrator as approveBody,
  createExternalAdministratorRequest,
  inputInstant,
  Refusal,
} from '#contracts';
import {
  approveRequest,
  cancelRequest,
  Decisions,
  denyRequest,
  externalAdministratorFlow,
  listLostMails,
  mailSightOf,
  readCase,
  removeExternalAdministrator,
  requestExternalAdministration,
  resendMails,
  subjectOf,
  type Actor,
  type Decision,
} from '#decisions';
import { Database, databaseNow, ExternalAdministratorRequest } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { denyForm, filledIn, submit } from '../approvals/form.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { optionalField } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { lostMailsInWords } from '../mail-delivery/lost-mails.ts';
import { ResourceId } from '../problem/validation.ts';
import { customerOf, storyOf } from './request-story.ts';

const text = (max: number) => z.string().trim().max(max).catch('');
const askForm = z.object({ customerDomain: text(253), addressedTo: optionalField(text(254)), reason: text(2000) });
type AskForm = z.infer<typeof askForm>;
/** A day is meant to its end. */
const untilDay = z.iso.date().pipe(inputInstant);
const approveForm = z.object({ email: text(254), role: text(100), until: optionalField(untilDay) });
type ApproveForm = z.infer<typeof approveForm>;

/** The decision on an external administrator, and the way to end what it gave. */
@Pages()
@Controller()
export class ExternalAdministratorsPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get('external-administrator-requests/new')
  @Html()
  async ask(@Req() request: AuthenticatedRequest, @Res({ passthrough: true }) response: Response): Promise<string> {
    return this.askPage(request, response, { customerDomain: '', reason: '' });
  }

  @Post('external-administrator-requests')
  @Html()
  async request(
    @CallerAsActor() actor: Actor,
    @Body({ schema: askForm }) form: AskForm,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return submit({
      response,
      act: async () => {
        const input = filledIn(createExternalAdministratorRequest, form);
        const made = await this.decisions.decide(actor, (decision) => requestExternalAdministration(decision, input));
        return `/external-administrator-requests/${made.id}?notice=asked`;
      },
      again: (refusal) => this.askPage(request, response, form, refusal),
    });
  }

  @Get('external-administrator-requests/:id')
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(actor, id, request, response);
  }

  @Post('external-administrator-requests/:id/approve')
  @Html()
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Body({ schema: approveForm }) form: ApproveForm,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    const act = async (decision: Decision) =>
      approveRequest(decision, externalAdministratorFlow, id, filledIn(approveBody, form));
    return this.decide(actor, id, request, response, form.until ? 'admitted-until' : 'admitted', act, form);
  }

  @Post('external-administrator-requests/:id/deny')
  @Html()
  async deny(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Body({ schema: denyForm }) form: z.infer<typeof denyForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'denied', (decision) =>
      denyRequest(decision, externalAdministratorFlow, id, form),
    );
  }

  @Post('external-administrator-requests/:id/cancel')
  @Html()
  async cancel(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'cancelled', (decision) =>
      cancelRequest(decision, externalAdministratorFlow, id),
    );
  }

  @Post('external-administrator-requests/:id/resend')
  @Html()
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'mails-resent', (decision) =>
      resendMails(decision, externalAdministratorFlow, id),
    );
  }

  @Post('organizations/:organizationId/external-administrators/:memberId/remove')
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => removeExternalAdministrator(decision, organizationId, memberId));
    response.redirect(303, `/organizations/${organizationId}/access?notice=revoked`);
  }

  private async decide(
    actor: Actor,
    id: string,
    request: AuthenticatedRequest,
    response: Response,
    notice: string,
    act: (decision: Decision) => Promise<unknown>,
    typed: ApproveForm | null = null,
  ): Promise<string | undefined> {
    return submit({
      response,
      act: async () => {
        await this.decisions.decide(actor, act);
        return `/external-administrator-requests/${id}?notice=${notice}`;
      },
      again: (refusal) => this.page(actor, id, request, response, refusal, typed),
    });
  }

  private async page(
    actor: Actor,
    id: string,
    request: AuthenticatedRequest,
    response: Response,
    refusal: Refusal | null = null,
    typed: ApproveForm | null = null,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const viewer = await subjectOf(em, actor);
      const view = await readCase(em, externalAdministratorFlow, viewer, id);
      const row = await em.findOneOrFail(ExternalAdministratorRequest, { id });
      const now = await databaseNow(em);
      const lostMails = await listLostMails(em, viewer, mailSightOf(row, viewer, now), {
        accountIds: [view.requester.id],
      });
      return {
        ...view,
        story: storyOf(view, viewer.accountId === view.requester.id),
        customer: customerOf(view),
        lostMails: lostMailsInWords(lostMails, view.status === 'pending'),
        // A refused approval comes back as it was typed.
        typed: { email: typed?.email ?? '', untilDay: typed?.until?.slice(0, 10) ?? '' },
        roles: view.availableRoles.map((role) => ({ role, chosen: role === typed?.role })),
        isPending: view.status === 'pending',
        // The roles to choose from are told to those who may decide, and to nobody else.
        mayDecide: view.status === 'pending' && view.availableRoles.length > 0,
        removePath:
          view.access?.status === 'active' &&
          row.customerId &&
          mayManageExternalAdministrators(viewer, row.customerId, now).allowed
            ? `/organizations/${row.customerId}/external-administrators/${view.access.memberId}/remove`
            : null,
        mayCancel: view.status === 'pending' && mayWithdraw(viewer, { requesterId: view.requester.id }).allowed,
      };
    });
    return this.console.page(request, response, {
      template: 'external-administrators/request',
      title: model.story.heading,
      organizationId: model.customerId ?? model.partnerId,
      alert: refusal && wordsOf(refusal),
      model,
    });
  }

  private askPage(
    request: AuthenticatedRequest,
    response: Response,
    form: AskForm,
    refusal: Refusal | null = null,
  ): Promise<string> {
    return this.console.page(request, response, {
      template: 'external-administrators/ask',
      title: 'Ask to administer a customer',
      alert: refusal && wordsOf(refusal),
      model: { customerDomain: form.customerDomain, addressedTo: form.addressedTo ?? '', reason: form.reason },
    });
  }
}
