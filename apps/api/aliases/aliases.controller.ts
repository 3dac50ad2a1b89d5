import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { alias, aliasList, createAlias as createBody, type AliasView } from '#contracts';
import {
  addAlias,
  Decisions,
  listAliases,
  onlyOnce,
  readAlias,
  removeAlias,
  viewAlias,
  type Actor,
  type Once,
} from '#decisions';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

@ApiTags('members')
@Controller('v1/organizations/:organizationId/members/:memberId/aliases')
export class AliasesController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Get()
  @Operation({
    summary: 'Further addresses this organization gave a member',
    scope: 'members:read',
    answer: aliasList,
    problems: ['not_found', 'forbidden', 'may_not_change_aliases'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
  ): Promise<{ items: AliasView[] }> {
    return this.database.transaction(actor.tenancy, async (em) => ({
      items: await listAliases(em, actor, organizationId, memberId),
    }));
  }

  @Post()
  @Operation({
    summary: 'Give a member a further address',
    description:
      'Addresses and aliases are one namespace: each is used once. The person signs in with their password by it and is found by it when this organization invites it; elsewhere only once its mailbox was proven.',
    answer: alias,
    status: 201,
    problems: [
      'not_found',
      'forbidden',
      'may_not_change_aliases',
      'address_taken',
      'address_not_acceptable',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: z.infer<typeof createBody>,
  ): Promise<Created<AliasView>> {
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => viewAlias(await addAlias(decision, organizationId, memberId, body))),
    );
    const members = `/v1/organizations/${organizationId}/members`;
    return new Created(`${members}/${memberId}/aliases/${encodeURIComponent(view.address)}`, view);
  }

  @Get(':address')
  @Operation({
    scope: 'members:read',
    summary: 'One alias',
    answer: alias,
    problems: ['not_found', 'forbidden', 'may_not_change_aliases'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Param('address') address: string,
  ): Promise<AliasView> {
    return this.database.transaction(actor.tenancy, (em) => readAlias(em, actor, organizationId, memberId, address));
  }

  @Delete(':address')
  @HttpCode(204)
  @Operation({
    summary: 'Take an alias away',
    status: 204,
    problems: ['not_found', 'forbidden', 'may_not_change_aliases', 'version_mismatch'],
  })
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('memberId', new ResourceId()) memberId: string,
    @Param('address') address: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) =>
      removeAlias(decision, organizationId, memberId, address, matching(ifMatch)),
    );
  }
}
