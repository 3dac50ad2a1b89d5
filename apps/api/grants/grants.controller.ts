import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { grant, grantPage, grantQuery, type GrantQuery } from '#contracts';
import { listGrants, readGrant, subjectOf, type Actor } from '#decisions';
import { Database } from '#persistence';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('grants')
@Controller('v1/grants')
export class GrantsController {
  constructor(private readonly database: Database) {}

  @Get()
  @Operation({
    scope: 'grants:read',
    summary: 'Every temporary access you may see, with its end',
    answer: grantPage,
    problems: ['not_found'],
  })
  async list(@CallerAsActor() actor: Actor, @Query({ schema: grantQuery }) query: GrantQuery) {
    return this.database.transaction(actor.tenancy, async (em) => listGrants(em, await subjectOf(em, actor), query));
  }

  @Get(':id')
  @Operation({ scope: 'grants:read', summary: 'One temporary access', answer: grant, problems: ['not_found'] })
  async get(@CallerAsActor() actor: Actor, @Param('id', new ResourceId()) id: string) {
    return this.database.transaction(actor.tenancy, async (em) => readGrant(em, await subjectOf(em, actor), id));
  }
}
