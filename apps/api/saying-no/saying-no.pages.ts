import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { mayRevokeGrant } from '#access';
import { approvalFeatures, Refusal } from '#contracts';
import {
  approvalFlowOf,
  Decisions,
  denyRequest,
  elevationFlow,
  helpDeskSessionFlow,
  listGrants,
  readGrant,
  removeExternalAdministrator,
  revokeGrant,
  subjectOf,
  type Actor,
} from '#decisions';
import type { Principal } from '#identity';
import { Database, databaseNow, Organization } from '#persistence';
import { Cases } from '../approvals/cases.ts';
import { denyForm } from '../approvals/form.ts';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { Caller, CallerSayingNo, onlySayingNoIn } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { ResourceId } from '../problem/validation.ts';

const featureName = z.enum(approvalFeatures);
const most = { limit: 100 };

/**
 * For a session that its organization's sign-in has outgrown: nothing is shown but who waits for an access and who has
 * one, and nothing is done but saying no.
 */
@Pages()
@Controller('saying-no')
export class SayingNoPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
    private readonly cases: Cases,
  ) {}

  @Get()
  @Html()
  async list(
    @Caller() caller: Principal,
    @CallerSayingNo() actor: Actor,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const closed = onlySayingNoIn(caller);
    const pending = await this.cases.list(actor, { status: 'pending', ...most });
    const accesses = await this.database.transaction(actor.tenancy, async (em) => {
      const viewer = await subjectOf(em, actor);
      const now = await databaseNow(em);
      const organizations = await em.find(Organization, { id: { $in: [...closed] } });
      const listed = [];
      for (const { id: organizationId, name } of organizations) {
        if (!mayRevokeGrant(viewer, { organizationId }, now).allowed) continue;
        const { items } = await listGrants(em, viewer, { organizationId, status: 'active', ...most });
        for (const { id, account, expiresAt } of items) listed.push({ id, account, expiresAt, organizationName: name });
      }
      return listed;
    });
    return this.console.page(request, response, {
      template: 'saying-no/list',
      title: 'Saying no',
      model: {
        requests: pending.filter(
          ({ mayDeny, parties }) =>
            mayDeny && closed.some((organizationId) => organizationId === parties.organizationId),
        ),
        accesses,
      },
    });
  }

  @Post('requests/:feature/:id/deny')
  async deny(
    @CallerSayingNo() actor: Actor,
    @Param('feature') named: string,
    @Param('id', new ResourceId()) id: string,
    @Body({ schema: denyForm }) form: z.infer<typeof denyForm>,
    @Res() response: Response,
  ): Promise<void> {
    const feature = featureName.safeParse(named);
    if (!feature.success) throw new Refusal('not_found');
    await this.decisions.decide(actor, (decision) => denyRequest(decision, approvalFlowOf(feature.data), id, form));
    response.redirect(303, '/saying-no?notice=denied');
  }

  @Post('accesses/:id/revoke')
  async revoke(
    @CallerSayingNo() actor: Actor,
    @Param('id', new ResourceId()) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, async (decision) => {
      const grant = await readGrant(decision.em, await subjectOf(decision.em, actor), id);
      switch (grant.kind) {
        case 'elevation':
          return void (await revokeGrant(decision, elevationFlow, grant.sourceId, {}));
        case 'help-desk-session':
          return void (await revokeGrant(decision, helpDeskSessionFlow, grant.sourceId, {}));
        case 'external-administrator':
          return removeExternalAdministrator(decision, grant.organizationId, grant.id);
      }
    });
    response.redirect(303, '/saying-no?notice=revoked');
  }
}
