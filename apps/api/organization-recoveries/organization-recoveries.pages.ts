import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { recoverOrganization as recoverBody, Refusal, type OrganizationView } from '#contracts';
import {
  aVisitor,
  Decisions,
  makeOrganizationRecoveryCodes,
  readOrganization,
  readOrganizationRecoveryCodes,
  recoverOrganization,
  type Actor,
} from '#decisions';
import { countAttempt } from '#identity';
import { Database } from '#persistence';
import { Public, type AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { wordsOf } from '../console/words-of-refusal.ts';
import { ResourceId } from '../problem/validation.ts';
import { recoveryLimits } from './organization-recoveries.controller.ts';

const recoverForm = z.object({
  organizationSlug: z.string().trim().toLowerCase().max(100).catch(''),
  recoveryCode: z.string().trim().max(100).catch(''),
});

/** An Owner makes the codes of the organization, and uses one where no other way in is left. */
@Pages()
@Controller()
export class OrganizationRecoveriesPages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get('organizations/:organizationId/recovery-codes')
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => ({
      organization: await readOrganization(em, actor, organizationId),
      ...(await readOrganizationRecoveryCodes(em, actor, organizationId)),
    }));
    return this.codesPage(request, response, model);
  }

  @Post('organizations/:organizationId/recovery-codes')
  @Html()
  async make(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const model = await this.decisions.decide(actor, async (decision) => ({
      codes: await makeOrganizationRecoveryCodes(decision, organizationId),
      organization: await readOrganization(decision.em, actor, organizationId),
    }));
    return this.codesPage(request, response, model);
  }

  @Get('recover-organization')
  @Public()
  @Html()
  async ask(@Req() request: AuthenticatedRequest, @Res({ passthrough: true }) response: Response): Promise<string> {
    return this.recoverPage(request, response, '');
  }

  @Post('recover-organization')
  @Public()
  @Html()
  async recover(
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
    @Body({ schema: recoverForm }) form: z.infer<typeof recoverForm>,
  ): Promise<string | undefined> {
    try {
      await countAttempt(this.database, recoveryLimits, { name: form.organizationSlug, sourceAddress: request.ip });
      const typed = recoverBody.safeParse(form);
      // What can be no code of anybody's is as wrong as any other.
      if (!typed.success) throw new Refusal('recovery_code_wrong');
      await this.decisions.decide(aVisitor(request.ip), (decision) => recoverOrganization(decision, typed.data));
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      response.status(error.status);
      return this.recoverPage(request, response, form.organizationSlug, error);
    }
    response.redirect(303, '/sign-in?notice=recovered');
    return undefined;
  }

  private codesPage(
    request: AuthenticatedRequest,
    response: Response,
    model: { organization: OrganizationView; codes?: string[]; recoveryCodesLeft?: number },
  ) {
    return this.console.page(request, response, {
      template: 'organization-recoveries/codes',
      title: `Recovery codes of ${model.organization.name}`,
      organizationId: model.organization.id,
      model,
    });
  }

  private recoverPage(
    request: AuthenticatedRequest,
    response: Response,
    organizationSlug: string,
    refusal: Refusal | null = null,
  ) {
    return this.console.page(request, response, {
      template: 'organization-recoveries/recover',
      title: 'Nobody can sign in any more',
      alert: refusal && wordsOf(refusal),
      model: { organizationSlug },
    });
  }
}
