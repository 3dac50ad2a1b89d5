import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Matrices } from '#access';
import { effectiveAccess, effectiveAccessQuery, type EffectiveAccessView } from '#contracts';
import { readEffectiveAccess } from '#decisions';
import type { Principal } from '#identity';
import { Database } from '#persistence';
import { Caller } from '../authentication/caller.ts';
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
  @Operation({
    summary: 'What you may do with every setting of this organization, and why',
    description: 'With `accountId`, what somebody may whom you administer.',
    answer: effectiveAccess,
    problems: ['not_found', 'forbidden'],
  })
  async get(
    @Caller() caller: Principal,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: effectiveAccessQuery }) { accountId }: z.infer<typeof effectiveAccessQuery>,
  ): Promise<EffectiveAccessView> {
    return this.database.transaction(caller.tenancy, (em) =>
      readEffectiveAccess(em, caller, organizationId, accountId, this.roleMatrices),
    );
  }
}
