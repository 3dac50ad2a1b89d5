import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  createRelationship as createBody,
  Refusal,
  relationship,
  relationshipPage,
  relationshipQuery,
  type RelationshipQuery,
  type RelationshipView,
} from '#contracts';
import {
  createRelationship,
  Decisions,
  endRelationship,
  listRelationships,
  onlyOnce,
  viewRelationships,
  type Actor,
  type Once,
} from '#decisions';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { OnlyOnce } from '../answers/idempotency.ts';
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

  @Post()
  @Operation({
    summary: 'Bring in a further partner for a customer, as the support team',
    answer: relationship,
    status: 201,
    problems: [
      'not_found',
      'support_only',
      'not_a_partner',
      'not_a_customer',
      'relationship_exists',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) customerId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) { partnerId }: z.infer<typeof createBody>,
  ): Promise<Created<RelationshipView>> {
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => {
        const [made] = await viewRelationships(decision.em, [
          await createRelationship(decision, customerId, partnerId),
        ]);
        if (!made) throw new Refusal('not_found');
        return made;
      }),
    );
    return new Created(`/v1/organizations/${customerId}/relationships`, view);
  }

  @Delete(':relationshipId')
  @HttpCode(204)
  @Operation({
    summary: 'End a relationship, as a full administrator of either side',
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
