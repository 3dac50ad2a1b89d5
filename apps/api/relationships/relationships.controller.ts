import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  relationship,
  relationshipPage,
  relationshipQuery,
  renewRelationship as renewBody,
  type RelationshipQuery,
  type RelationshipView,
  type RenewRelationship,
} from '#contracts';
import {
  Decisions,
  endRelationship,
  listRelationships,
  renewRelationship,
  viewRelationships,
  type Actor,
} from '#decisions';
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

  @Post(':relationshipId/renew')
  @HttpCode(200)
  @Operation({
    summary: 'Renew a partner until a date',
    description:
      'For home full administrators of the customer who are independent of the partner; its own people only ask for it. At most for ' +
      'as long as `policy.relationshipTermDays` says from now on, or 400 days. Not renewed it ends by the clock, with all that stood on it; ' +
      'both sides are told 31, 7 and 1 days before.',
    answer: relationship,
    problems: [
      'not_found',
      'approver_not_full_administrator',
      'approver_in_requesting_partner',
      'approver_not_confirmed',
      'step_up_required',
      'relationship_ended',
      'relationship_without_term',
      'term_out_of_bounds',
    ],
  })
  async renew(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('relationshipId', new ResourceId()) relationshipId: string,
    @Body({ schema: renewBody }) { until }: RenewRelationship,
  ): Promise<RelationshipView> {
    return this.decisions.decide(actor, async (decision) => {
      const renewed = await renewRelationship(decision, organizationId, relationshipId, until);
      const [view] = await viewRelationships(decision.em, [renewed], await decision.now());
      if (!view) throw new Error('What was renewed is shown');
      return view;
    });
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
