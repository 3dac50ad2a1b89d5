import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import {
  organizationRecoveryCodes,
  organizationRecoveryCodesLeft,
  recoverOrganization as recoverBody,
  type RecoverOrganization,
} from '#contracts';
import {
  aVisitor,
  Decisions,
  makeOrganizationRecoveryCodes,
  readOrganizationRecoveryCodes,
  recoverOrganization,
  type Actor,
} from '#decisions';
import { countAttempt, type AttemptLimits } from '#identity';
import { Database } from '#persistence';
import { Public } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

/** Nobody guesses 79 bits: this bounds the work, and so widely by name that nobody shuts an organization's Owners out. */
export const recoveryLimits: AttemptLimits = {
  kind: 'organization-recovery',
  perName: 100,
  perNetwork: 10,
  windowSeconds: 15 * 60,
};

/** For the day nobody of an organization can come in: its provider is dead, say, and passwords are off. */
@ApiTags('organizations')
@Controller('v1')
export class OrganizationRecoveriesController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get('organizations/:organizationId/recovery-codes')
  @Operation({
    summary: 'How many recovery codes the organization has left',
    answer: organizationRecoveryCodesLeft,
    problems: ['not_found', 'forbidden'],
  })
  async read(@CallerAsActor() actor: Actor, @Param('organizationId', new ResourceId()) organizationId: string) {
    return this.database.transaction(actor.tenancy, (em) => readOrganizationRecoveryCodes(em, actor, organizationId));
  }

  @Post('organizations/:organizationId/recovery-codes')
  @HttpCode(200)
  @Operation({
    summary: 'Make new recovery codes of the organization, as one of its Owners',
    description: 'Ten, shown this once; the old ones are void. Keep them where your identity provider is not.',
    answer: organizationRecoveryCodes,
    problems: ['not_found', 'may_not_change_login_methods', 'authentication_is_the_tenants_own', 'step_up_required'],
  })
  async make(@CallerAsActor() actor: Actor, @Param('organizationId', new ResourceId()) organizationId: string) {
    const recoveryCodes = await this.decisions.decide(actor, (decision) =>
      makeOrganizationRecoveryCodes(decision, organizationId),
    );
    return { recoveryCodes };
  }

  @Post('organization-recoveries')
  @HttpCode(204)
  @Public()
  @Operation({
    summary: 'Let people of an organization sign in by password again, with a recovery code of its Owners',
    description:
      'Signs nobody in and changes nothing else. All Owners and full administrators are mailed; an Owner who never had a password gets a link to set one, at their own address.',
    status: 204,
    isPublic: true,
    problems: ['recovery_code_wrong'],
  })
  async recover(@Body({ schema: recoverBody }) body: RecoverOrganization, @Req() { ip }: Request): Promise<void> {
    await countAttempt(this.database, recoveryLimits, { name: body.organizationSlug, sourceAddress: ip });
    await this.decisions.decide(aVisitor(ip), (decision) => recoverOrganization(decision, body));
  }
}
