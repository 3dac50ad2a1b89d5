import { Body, Controller, Delete, Get, HttpCode, Injectable, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { createGroup as createBody, group, groupPage, groupQuery, type CreateGroup, type GroupView } from '#contracts';
import {
  createGroup,
  Decisions,
  deleteGroup,
  listGroups,
  onlyOnce,
  readGroup,
  viewGroup,
  type Actor,
  type GroupKind,
  type Once,
} from '#decisions';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

/** Groups and teams differ by name only: both are what a scope may be limited to. */
@Injectable()
abstract class ScopesController {
  protected abstract readonly kind: GroupKind;

  constructor(
    protected readonly decisions: Decisions,
    protected readonly database: Database,
  ) {}

  @Get()
  @Operation({
    scope: 'groups:read',
    summary: 'Groups or teams of an organization',
    answer: groupPage,
    problems: ['not_found', 'forbidden'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: groupQuery }) query: z.infer<typeof groupQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listGroups(em, actor, organizationId, this.kind, query));
  }

  @Get(':groupId')
  @Operation({
    scope: 'groups:read',
    summary: 'One group or team',
    answer: group,
    problems: ['not_found', 'forbidden'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('groupId', new ResourceId()) groupId: string,
  ): Promise<GroupView> {
    return this.database.transaction(actor.tenancy, (em) => readGroup(em, actor, organizationId, this.kind, groupId));
  }

  @Post()
  @Operation({
    summary: 'Add a group or a team',
    scope: 'groups:write',
    answer: group,
    status: 201,
    problems: ['not_found', 'may_not_add_groups', 'name_taken', 'idempotency_key_reused'],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateGroup,
  ): Promise<Created<GroupView>> {
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => viewGroup(await createGroup(decision, organizationId, this.kind, body))),
    );
    return new Created(`/v1/organizations/${organizationId}/${this.kind}s/${view.id}`, view);
  }

  @Delete(':groupId')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a group or a team',
    scope: 'groups:write',
    description: 'Refused while a member or an open invite is limited to it.',
    status: 204,
    problems: ['not_found', 'may_not_add_groups', 'group_in_use', 'version_mismatch'],
  })
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('groupId', new ResourceId()) groupId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) =>
      deleteGroup(decision, organizationId, this.kind, groupId, matching(ifMatch)),
    );
  }
}

@ApiTags('groups and teams')
@Controller('v1/organizations/:organizationId/groups')
export class GroupsController extends ScopesController {
  protected readonly kind = 'group';
}

@ApiTags('groups and teams')
@Controller('v1/organizations/:organizationId/teams')
export class TeamsController extends ScopesController {
  protected readonly kind = 'team';
}
