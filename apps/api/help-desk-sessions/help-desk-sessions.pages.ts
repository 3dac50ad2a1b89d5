import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import {
  externalAdministrationPartners,
  mayOpenHelpDeskSession,
  mayRequestElevation,
  mayReturnGrant,
  mayRevokeGrant,
  maySwitchRestrictedMode,
} from '#access';
import { reason, Refusal, uuid, type CustomerView } from '#contracts';
import {
  Decisions,
  helpDeskSessionFlow,
  listCustomers,
  listElevations,
  listHelpDeskSessions,
  listLostMails,
  openHelpDeskSession,
  readCase,
  readOrganization,
  resendMails,
  returnGrant,
  revokeGrant,
  subjectOf,
  type Actor,
  type Decision,
} from '#decisions';
import { Database, databaseNow, loadTarget } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { filledIn, submit } from '../approvals/form.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { optionalField } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { lostMailsInWords } from '../mail-delivery/lost-mails.ts';
import { ResourceId } from '../problem/validation.ts';

const searchQuery = z.object({
  query: z.string().trim().max(200).catch('').default(''),
  /** Where the customers of one partner go on. */
  partnerId: uuid.optional().catch(undefined),
  cursor: z.string().max(200).optional().catch(undefined),
});
const openForm = z.object({ customerId: uuid, partnerId: optionalField(uuid), reason: z.string().max(2000).catch('') });
const openQuery = z.object({ customerId: uuid, partnerId: uuid.optional() });
const revokeForm = z.object({ reason: optionalField(reason) });
const statusQuery = z.object({ seen: z.string().max(100).default('') });

/** The help desk's view: find a customer, look into it, ask for more. */
@Pages()
@Controller()
export class HelpDeskSessionsPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get('help-desk')
  @Html()
  async search(
    @CallerAsActor() actor: Actor,
    @Query({ schema: searchQuery }) { query, partnerId, cursor }: z.infer<typeof searchQuery>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const viewer = this.console.viewerOf(request);
    const partners = (viewer?.memberships ?? []).filter(({ organization }) => organization.kind === 'partner');
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const subject = await subjectOf(em, actor);
      const now = await databaseNow(em);
      const mine = await listElevations(em, subject, { limit: 50 });
      const own = mine.items.filter(({ requester }) => requester.id === subject.accountId);
      const sessions = await listHelpDeskSessions(em, subject, { status: 'active', limit: 50 });
      const found = [];
      const more: { partnerName: string; path: string }[] = [];
      for (const { organization: partner } of partners) {
        if (cursor && partner.id !== partnerId) continue;
        const { items, nextCursor } = await customersOf(
          listCustomers(em, actor, partner.id, { ...(query && { query }), ...(cursor && { cursor }), limit: 50 }),
        );
        if (nextCursor) {
          const next = new URLSearchParams({ ...(query && { query }), partnerId: partner.id, cursor: nextCursor });
          more.push({ partnerName: partner.name, path: `/help-desk?${next.toString()}` });
        }
        for (const customer of items) {
          const target = await loadTarget(em, customer.id);
          if (!target) continue;
          found.push({
            ...customer,
            partnerName: partner.name,
            askPath: mayRequestElevation(subject, partner.id, target, now).allowed
              ? `/elevations/new?customerId=${customer.id}&partnerId=${partner.id}`
              : null,
            openPath: mayOpenHelpDeskSession(subject, partner.id, target, now).allowed
              ? `/help-desk-sessions/new?customerId=${customer.id}&partnerId=${partner.id}`
              : null,
            modePath: maySwitchRestrictedMode(subject, target, now).allowed
              ? `/organizations/${customer.id}/restricted-mode`
              : null,
          });
        }
      }
      return {
        query,
        customers: found,
        more,
        hasPartners: partners.length > 1,
        isPartner: partners.length > 0,
        mayAskToAdminister: externalAdministrationPartners(subject, now).length > 0,
        waiting: own.filter(({ status }) => status === 'pending'),
        open: own.filter(({ grant }) => grant?.status === 'active'),
        sessions: sessions.items.filter(({ holder }) => holder.id === subject.accountId),
      };
    });
    return this.console.page(request, response, { template: 'help-desk-sessions/search', title: 'Help desk', model });
  }

  @Get('help-desk-sessions/new')
  @Html()
  async openForm(
    @CallerAsActor() actor: Actor,
    @Query({ schema: openQuery }) query: z.infer<typeof openQuery>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.openPage(actor, request, response, query, '');
  }

  @Post('help-desk-sessions')
  @Html()
  async open(
    @CallerAsActor() actor: Actor,
    @Body({ schema: openForm }) form: z.infer<typeof openForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    return submit({
      response,
      act: async () => {
        const given = filledIn(z.object({ reason }), form);
        const opened = await this.decisions.decide(actor, (decision) =>
          openHelpDeskSession(decision, { ...form, ...given }),
        );
        return `/help-desk-sessions/${opened.id}?notice=session-opened`;
      },
      again: (refusal) => this.openPage(actor, request, response, form, form.reason, refusal),
    });
  }

  @Get('help-desk-sessions/:id')
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    return this.page(actor, id, request, response);
  }

  @Get('help-desk-sessions/:id/status')
  @Html()
  async status(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: statusQuery }) { seen }: z.infer<typeof statusQuery>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    const model = await this.modelOf(actor, id);
    if (model.status !== seen) return this.console.fragment(request, response, 'help-desk-sessions/session', model);
    response.status(204);
    return undefined;
  }

  @Post('help-desk-sessions/:id/return')
  @Html()
  async return(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'returned', (decision) =>
      returnGrant(decision, helpDeskSessionFlow, id),
    );
  }

  @Post('help-desk-sessions/:id/revoke')
  @Html()
  async revoke(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Body({ schema: revokeForm }) form: z.infer<typeof revokeForm>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'revoked', (decision) =>
      revokeGrant(decision, helpDeskSessionFlow, id, form),
    );
  }

  @Post('help-desk-sessions/:id/resend')
  @Html()
  async resend(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'mails-resent', (decision) =>
      resendMails(decision, helpDeskSessionFlow, id),
    );
  }

  private async decide(
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
        return `/help-desk-sessions/${id}?notice=${notice}`;
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
    const model = await this.modelOf(actor, id);
    return this.console.page(request, response, {
      template: 'help-desk-sessions/session',
      title: model.heading,
      organizationId: model.isMine ? model.partnerId : model.customerId,
      alert: refusal && wordsOf(refusal),
      model,
    });
  }

  private async modelOf(actor: Actor, id: string) {
    return this.database.transaction(actor.tenancy, async (em) => {
      const viewer = await subjectOf(em, actor);
      const view = await readCase(em, helpDeskSessionFlow, viewer, id);
      const now = await databaseNow(em);
      const isActive = view.status === 'active';
      const lostMails = await listLostMails(
        em,
        viewer,
        { rowId: id },
        { accountIds: [view.holder.id], organizationIds: [view.customerId] },
      );
      const isMine = mayReturnGrant(viewer, { holderId: view.holder.id }).allowed;
      return {
        ...view,
        isActive,
        isMine,
        heading: isActive
          ? `${isMine ? 'You look' : `${view.holder.displayName} looks`} into ${view.customerName}`
          : 'This help-desk session is over',
        ending: endings[view.status] ?? null,
        lostMails: lostMailsInWords(lostMails, isActive),
        mayReturn: isActive && isMine,
        mayRevoke: isActive && mayRevokeGrant(viewer, { organizationId: view.customerId }, now).allowed,
      };
    });
  }

  private async openPage(
    actor: Actor,
    request: AuthenticatedRequest,
    response: Response,
    { customerId, partnerId }: { customerId: string; partnerId?: string | undefined },
    typed: string,
    refusal: Refusal | null = null,
  ): Promise<string> {
    const customer = await this.database.transaction(actor.tenancy, (em) => readOrganization(em, actor, customerId));
    return this.console.page(request, response, {
      template: 'help-desk-sessions/open',
      title: `Look into ${customer.name}`,
      alert: refusal && wordsOf(refusal),
      model: { customer, partnerId: partnerId ?? '', reason: typed },
    });
  }
}

const endings: Readonly<Record<string, string>> = {
  expired: 'Its time was over.',
  revoked: 'An administrator of the customer ended it.',
  returned: 'The help desk closed it before its time.',
  ended: 'What it was based on is gone: the role, the membership or the relationship.',
};

interface CustomerPage {
  items: CustomerView[];
  nextCursor: string | null;
}

/** A partner in which the person has no customers to list is none of the help desk's. */
async function customersOf(list: Promise<CustomerPage>): Promise<CustomerPage> {
  try {
    return await list;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'forbidden') return { items: [], nextCursor: null };
    throw error;
  }
}
