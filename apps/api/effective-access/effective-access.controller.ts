import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Matrices } from '#access';
import { effectiveAccess, effectiveAccessQuery, type EffectiveAccessView } from '#contracts';
import { askedByEffectiveAccess, readEffectiveAccess } from '#decisions';
import type { Principal } from '#identity';
import { Account, Database, type Standing } from '#persistence';
import { AsksStanding } from '../authentication/authentication.guard.ts';
import { Caller, StandingInSight } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { matrices } from '../tokens.ts';

@ApiTags('evaluation')
@Controller('v1/organizations/:organizationId/effective-access')
export class EffectiveAccessController {
  constructor(
    private readonly database: Database,
    @Inject(matrices) private readonly roleMatrices: Matrices,
  ) {}

  @Get()
  @AsksStanding(({ params, query }) => askedByEffectiveAccess(params['organizationId'], query['accountId']))
  @Operation({
    summary: 'What you may do with every setting of this organization, and why',
    scope: 'access:evaluate',
    description: 'With `accountId`, what somebody may whom you administer.',
    answer: effectiveAccess,
    problems: ['not_found', 'forbidden'],
  })
  async get(
    @Caller() caller: Principal,
    @StandingInSight() standing: Standing,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: effectiveAccessQuery }) { accountId }: z.infer<typeof effectiveAccessQuery>,
  ): Promise<EffectiveAccessView> {
    const isKnown = (id: string) =>
      this.database.transaction(caller.tenancy, async (em) => (await em.count(Account, { id })) > 0);
    return readEffectiveAccess(standing, caller, organizationId, accountId, isKnown, this.roleMatrices);
  }
}
