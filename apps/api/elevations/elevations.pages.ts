import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import {
  areas,
  elevationPartners,
  isEligibleApprover,
  mayRequestElevation,
  mayReturnGrant,
  mayRevokeGrant,
  mayWithdraw,
  settingLabels,
  settingsOpenedByElevation,
  type Area,
  type Matrices,
} from '#access';
import { reason, Refusal, seconds, ticket, uuid, type ElevationView } from '#contracts';
import {
  approveRequest,
  cancelRequest,
  Decisions,
  denyRequest,
  earlierElevations,
  elevationFlow,
  eligibleApprovers,
  listLostMails,
  liveGrantOf,
  noteSeen,
  readCase,
  readOrganization,
  requestElevation,
  resendMails,
  returnGrant,
  revokeGrant,
  subjectOf,
  type Actor,
  type Decision,
} from '#decisions';
import { Database, databaseNow, loadTarget, Organization } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { denyForm, filledIn, submit } from '../approvals/form.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { durationChoices, optionalField, ticked } from '../console/form.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { lostMailsInWords } from '../mail-delivery/lost-mails.ts';
import { ResourceId } from '../problem/validation.ts';
import { matrices } from '../tokens.ts';
import { earlierInWords, storyOf, timelineOf, type Relation } from './elevation-story.ts';

const secondsField = z.coerce.number().pipe(seconds);
/** Boxes of areas, and how many there were: with all of them ticked nothing was struck. */
const areaBoxes = {
  areas: ticked(z.enum(areas)),
  areasOffered: z.coerce.number().int().min(0).max(areas.length).default(0),
};
const askQuery = z.object({ customerId: uuid, partnerId: uuid.optional(), after: uuid.optional() });
const askForm = z.object({
  customerId: uuid,
  partnerId: optionalField(uuid),
  reason,
  ticket: optionalField(ticket),
  durationSeconds: optionalField(secondsField),
  ...areaBoxes,
});
const approveForm = z.object({ durationSeconds: optionalField(secondsField), ...areaBoxes });
const revokeForm = z.object({ reason: optionalField(reason) });
const statusQuery = z.object({ seen: z.string().max(100).default('') });

/** The areas that were left ticked; undefined where all of them were, or the form had none. */
function namedAreas(ticks: Area[], offered: number): Area[] | undefined {
  if (ticks.length >= offered) return undefined;
  if (ticks.length > 0) return ticks;
  throw new Refusal('invalid_request', { errors: [{ pointer: '/areas', message: 'Leave at least one area ticked' }] });
}

/** What makes an open page change. That a mail was lost is no reason to change it under somebody who is typing. */
const stateOf = ({ status, grant, notifications }: ElevationView, relation: Relation) =>
  `${status}.${grant?.status ?? 'none'}${relation === 'requester' ? `.${notifications.undeliverable}` : ''}`;

/** The page a mail leads to: who asks for what, the decision, and afterwards the access until it ends. */
@Pages()
@Controller('elevations')
export class ElevationsPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(matrices) private readonly roleMatrices: Matrices,
  ) {}

  @Get('new')
  @Html()
  async ask(
    @CallerAsActor() actor: Actor,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Query({ schema: askQuery }) query: z.infer<typeof askQuery>,
  ): Promise<string> {
    return this.askPage(actor, request, response, query);
  }

  @Post()
  @Html()
  async request(
    @CallerAsActor() actor: Actor,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body() body: Record<string, unknown>,
  ): Promise<string | undefined> {
    const about = askQuery.safeParse(body);
    if (!about.success) throw new Refusal('not_found');
    return submit({
      response,
      act: async () => {
        const { areas: ticks, areasOffered, ...form } = filledIn(askForm, body);
        const named = namedAreas(ticks, areasOffered);
        const elevation = await this.decisions.decide(actor, (decision) =>
          requestElevation(decision, { ...form, ...(named && { areas: named }) }),
        );
        return `/elevations/${elevation.id}?notice=asked`;
      },
      again: async (error) => {
        const { state } = error.details as { state?: { id?: string } };
        if (error.code !== 'elevation_already_open' || !state?.id)
          return this.askPage(actor, request, response, about.data, { error, body });
        response.redirect(303, `/elevations/${state.id}`);
        return undefined;
      },
    });
  }

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

  /** The live part for a page that stays open; nothing while nothing has changed. */
  @Get(':id/status')
  @Html()
  async status(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Query({ schema: statusQuery }) { seen }: z.infer<typeof statusQuery>,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string | undefined> {
    const model = await this.modelOf(actor, id);
    if (model.state === seen) {
      response.status(204);
      return undefined;
    }
    return this.console.fragment(request, response, 'elevations/elevation', model);
  }

  /** The page tells by itself that it was opened; without JavaScript it does not, and nothing else changes. */
  @Post(':id/seen')
  @HttpCode(204)
  async seen(@CallerAsActor() actor: Actor, @Param('id', new ResourceId()) id: string): Promise<void> {
    await this.decisions.decide(actor, (decision) => noteSeen(decision, elevationFlow, id));
  }

  @Post(':id/approve')
  @Html()
  async approve(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: approveForm }) { durationSeconds, areas: ticks, areasOffered }: z.infer<typeof approveForm>,
  ) {
    return this.decide(actor, id, request, response, 'granted', async (decision) =>
      approveRequest(decision, elevationFlow, id, { durationSeconds, areas: namedAreas(ticks, areasOffered) }),
    );
  }

  @Post(':id/deny')
  @Html()
  async deny(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: denyForm }) form: z.infer<typeof denyForm>,
  ) {
    return this.decide(actor, id, request, response, 'denied', (decision) =>
      denyRequest(decision, elevationFlow, id, form),
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
      cancelRequest(decision, elevationFlow, id),
    );
  }

  @Post(':id/revoke')
  @Html()
  async revoke(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: revokeForm }) form: z.infer<typeof revokeForm>,
  ) {
    return this.decide(actor, id, request, response, 'revoked', (decision) =>
      revokeGrant(decision, elevationFlow, id, form),
    );
  }

  @Post(':id/return')
  @Html()
  async return(
    @CallerAsActor() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    return this.decide(actor, id, request, response, 'returned', (decision) =>
      returnGrant(decision, elevationFlow, id),
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
      resendMails(decision, elevationFlow, id),
    );
  }

  /** Decides and sends the browser on to the page; a refusal is told on the page, which shows how things stand. */
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
        return `/elevations/${id}?notice=${notice}`;
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
      template: 'elevations/elevation',
      title: model.story.heading,
      organizationId: model.relation === 'requester' ? model.partnerId : model.customerId,
      alert: refusal && wordsOf(refusal),
      model,
    });
  }

  /** What the page shows and offers; the rules are asked, the decision asks them again. */
  private async modelOf(actor: Actor, id: string) {
    return this.database.transaction(actor.tenancy, async (em) => {
      const viewer = await subjectOf(em, actor);
      const view = await readCase(em, elevationFlow, viewer, id);
      const now = await databaseNow(em);
      const parties = {
        requesterId: view.requester.id,
        partnerId: view.partnerId,
        organizationId: view.customerId,
      };
      const isPending = view.status === 'pending';
      const isOpen = view.grant?.status === 'active';
      const judged = isEligibleApprover(viewer, parties, now);
      const relation: Relation =
        viewer.accountId === view.requester.id ? 'requester' : judged.allowed ? 'decider' : 'observer';
      const lostMails = await listLostMails(
        em,
        viewer,
        { rowId: id },
        // Who decides is told to everybody who sees the request, and they are of the customer.
        { accountIds: [view.requester.id], organizationIds: [view.customerId] },
      );
      const policy = isPending && judged.allowed ? (await readOrganization(em, actor, view.customerId)).policy : null;
      // A request during a grant asks to extend it: until somebody decides, the grant goes on.
      const standing = isPending ? await liveGrantOf(em, view.requester.id, view.customerId, now) : null;
      const earlier = isPending && judged.allowed ? earlierInWords(await earlierElevations(em, view, now)) : null;
      return {
        ...view,
        relation,
        state: stateOf(view, relation),
        isLive: isPending || isOpen,
        story: storyOf(view, relation, standing),
        standing: standing && {
          elevationId: standing.sourceId,
          startsAt: standing.startsAt.toISOString(),
          expiresAt: standing.expiresAt.toISOString(),
          mayReturn: mayReturnGrant(viewer, { holderId: view.requester.id }).allowed,
        },
        earlier,
        timeline: timelineOf(view),
        lostMails: lostMailsInWords(lostMails, isPending),
        areaBoxes: (view.grant?.areas ?? view.areas).map((area) => ({
          area,
          label: settingLabels[area],
          ticked: true,
        })),
        mayDecide: isPending && judged.allowed,
        isNews: isPending && judged.allowed && view.seenAt === null,
        choices: durationChoices(Math.min(view.durationSeconds, policy?.elevationMaxSeconds ?? view.durationSeconds)),
        mayCancel: isPending && mayWithdraw(viewer, parties).allowed,
        mayReturn: isOpen && mayReturnGrant(viewer, { holderId: view.requester.id }).allowed,
        mayRevoke: isOpen && mayRevokeGrant(viewer, parties, now).allowed,
        mayAskAgain: relation === 'requester' && !isPending,
      };
    });
  }

  /** What a grant may open, as boxes: those of the form that came back, else those of an earlier request, else all ticked. */
  private boxes(chosen: readonly string[] | null) {
    return settingsOpenedByElevation(this.roleMatrices).map((area) => ({
      area,
      label: settingLabels[area],
      ticked: chosen === null || chosen.includes(area),
    }));
  }

  private async askPage(
    actor: Actor,
    request: AuthenticatedRequest,
    response: Response,
    { customerId, partnerId, after }: z.infer<typeof askQuery>,
    refused: { error: Refusal; body: Record<string, unknown> } | null = null,
  ): Promise<string> {
    const typed = (name: string) => (typeof refused?.body[name] === 'string' ? refused.body[name] : null);
    const listed = (name: string) => (refused ? ticked(z.string()).parse(refused.body[name]) : null);
    const model = await this.database.transaction(actor.tenancy, async (em) => {
      const viewer = await subjectOf(em, actor);
      const customer = await readOrganization(em, actor, customerId);
      const target = await loadTarget(em, customerId);
      if (!target || customer.kind !== 'customer') throw new Refusal('not_found');
      const now = await databaseNow(em);
      const partnerIds = elevationPartners(viewer, target, now);
      const chosen = partnerIds.find((one) => one === partnerId) ?? partnerIds[0];
      const former = after ? await readCase(em, elevationFlow, viewer, after) : null;
      const partners = await em.find(Organization, { id: { $in: partnerIds } });
      const approvers = chosen
        ? await eligibleApprovers(
            em,
            elevationFlow,
            { requesterId: viewer.accountId, partnerId: chosen, organizationId: customerId },
            now,
          )
        : [];
      const home = viewer.memberships.find(({ organizationKind }) => organizationKind === 'partner');
      const ruling = mayRequestElevation(viewer, chosen ?? home?.organizationId ?? '', target, now);
      const longest = customer.policy.elevationMaxSeconds;
      return {
        customer,
        isExtension: former?.grant?.status === 'active',
        barred: ruling.allowed ? null : wordsOf(new Refusal(ruling.code as Refusal['code'])),
        partnerId: chosen ?? null,
        partners: partners.map(({ id, name }) => ({ id, name, chosen: id === chosen })),
        hasChoice: partners.length > 1,
        approvers: approvers.map(({ displayName }) => displayName),
        reason: typed('reason') ?? former?.reason ?? '',
        ticket: typed('ticket') ?? former?.ticket ?? '',
        choices: durationChoices(longest, Math.min(Number(typed('durationSeconds')) || 3600, longest)),
        areaBoxes: this.boxes(listed('areas') ?? former?.areas ?? null),
      };
    });
    return this.console.page(request, response, {
      template: 'elevations/ask',
      title: `Ask ${model.customer.name} for access`,
      organizationId: model.partnerId ?? undefined,
      alert: refused && wordsOf(refused.error),
      model,
    });
  }
}
