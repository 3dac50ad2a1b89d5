import { Body, Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { settingLabels, type Matrices, type RestrictedSetting, type RestrictionEffect } from '#access';
import { Decisions, readOrganization, readRestrictedMode, switchRestrictedMode, type Actor } from '#decisions';
import { Database } from '#persistence';
import type { AuthenticatedRequest } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Console } from '../console/console.ts';
import { Html, Pages } from '../console/pages.decorator.ts';
import { ResourceId } from '../problem/validation.ts';
import { matrices } from '../tokens.ts';

const switchForm = z.object({ enabled: z.enum(['on', 'off']).transform((choice) => choice === 'on') });

const effects: Readonly<Record<RestrictionEffect, string>> = {
  unavailable: 'not available',
  read_only: 'read-only',
  hidden: 'hidden',
  only_while_off: 'not available',
};

/** The partner's switch for restricted administrator mode, with everything it restricts. */
@Pages()
@Controller('organizations/:organizationId/restricted-mode')
export class RestrictedModePages {
  constructor(
    private readonly console: Console,
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(matrices) private readonly roleMatrices: Matrices,
  ) {}

  @Get()
  @Html()
  async show(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Req() request: AuthenticatedRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<string> {
    const model = await this.database.transaction(actor.tenancy, async (em) => ({
      organization: await readOrganization(em, actor, organizationId),
      mode: await readRestrictedMode(em, actor, organizationId),
    }));
    return this.console.page(request, response, {
      template: 'restricted-mode/switch',
      title: `Restricted administrator mode of ${model.organization.name}`,
      organizationId,
      model: {
        ...model,
        restrictions: (Object.entries(this.roleMatrices.restrictions) as [RestrictedSetting, RestrictionEffect][]).map(
          ([setting, effect]) => ({ label: settingLabels[setting], effect: effects[effect] }),
        ),
      },
    });
  }

  @Post()
  async switch(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: switchForm }) { enabled }: z.infer<typeof switchForm>,
    @Res() response: Response,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => switchRestrictedMode(decision, organizationId, enabled));
    response.redirect(303, `/organizations/${organizationId}/restricted-mode?notice=mode-changed`);
  }
}
