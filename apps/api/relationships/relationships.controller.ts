import { Controller, Delete, Get, HttpCode, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { relationshipPage, relationshipQuery, type RelationshipQuery } from '#contracts';
import { Decisions, endRelationship, listRelationships, type Actor } from '#decisions';
import { Database } from '#persistence';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('relationships')
@Controller('v1/organizations/:organizationId/relationships')
export class RelationshipsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get()
  @Operation({
    summary: 'Relationships of an organization, with their origin',
    scope: 'organization:read',
    answer: relationshipPage,
    problems: ['not_found', 'forbidden'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: relationshipQuery }) query: RelationshipQuery,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listRelationships(em, actor, organizationId, query));
  }

  @Delete(':relationshipId')
  @HttpCode(204)
  @Operation({
    summary: 'End a relationship, as a full administrator of either side',
    scope: 'organization:write',
    description:
      'Grants, help-desk sessions, open requests, assigned customers and external administrators that stood on it end in the same transaction.',
    status: 204,
    problems: ['not_found', 'not_full_administrator', 'relationship_ended'],
  })
  async end(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('relationshipId', new ResourceId()) relationshipId: string,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => endRelationship(decision, organizationId, relationshipId));
  }
}
