import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { restrictedMode, switchRestrictedMode as switchBody, type RestrictedModeView } from '#contracts';
import { Decisions, readRestrictedMode, switchRestrictedMode, type Actor } from '#decisions';
import { Database } from '#persistence';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('organizations')
@Controller('v1/organizations/:organizationId/restricted-mode')
export class RestrictedModeController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get()
  @Operation({
    summary: 'Whether restricted administrator mode is on for this customer',
    scope: 'organization:read',
    answer: restrictedMode,
    problems: ['not_found', 'forbidden', 'not_a_customer'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
  ): Promise<RestrictedModeView> {
    return this.database.transaction(actor.tenancy, (em) => readRestrictedMode(em, actor, organizationId));
  }

  @Put()
  @Operation({
    summary: 'Switch restricted administrator mode, as a partner-level administrator',
    scope: 'organization:write',
    description: 'In force on the next evaluation. Live grants are cut by it and do not end.',
    answer: restrictedMode,
    problems: ['not_found', 'not_a_customer', 'not_partner_level_administrator', 'version_mismatch'],
  })
  async switch(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: switchBody }) { enabled }: z.infer<typeof switchBody>,
  ): Promise<RestrictedModeView> {
    return this.decisions.decide(actor, async (decision) => {
      await switchRestrictedMode(decision, organizationId, enabled, matching(ifMatch));
      return readRestrictedMode(decision.em, actor, organizationId);
    });
  }
}
