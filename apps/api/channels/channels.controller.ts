import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import {
  channel,
  channelPage,
  channelQuery,
  channelTest,
  createChannel as createBody,
  updateChannel as updateBody,
  type ChannelTest,
  type ChannelView,
  type CreateChannel,
  type UpdateChannel,
} from '#contracts';
import {
  changeChannel,
  createChannel,
  Decisions,
  deleteChannel,
  listChannels,
  onlyOnce,
  readChannel,
  testChannel,
  type Actor,
  type Once,
  type Precondition,
} from '#decisions';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';

const matching =
  (ifMatch: string | null): Precondition =>
  (present) =>
    requireMatch(ifMatch, present);

@ApiTags('channels')
@Controller('v1/organizations/:organizationId/channels')
export class ChannelsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Post()
  @Operation({
    summary: 'Have requests told in a chat',
    description:
      'A chat decides nothing: it is told who asks for what and until when, with a button to the page where people sign in and ' +
      'decide, and afterwards how it went; only of requests that this organization decides. `url` is what Slack or Teams calls an ' +
      'incoming webhook; it is kept sealed and never answered. What people wrote is told only `withReasons`.',
    answer: channel,
    status: 201,
    problems: [
      'not_found',
      'may_not_manage_channels',
      'webhook_url_not_allowed',
      'webhook_limit_reached',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateChannel,
  ): Promise<Created<ChannelView>> {
    const made = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, () => createChannel(decision, organizationId, body)),
    );
    return new Created(`/v1/organizations/${organizationId}/channels/${made.id}`, made);
  }

  @Get()
  @Operation({
    summary: 'Channels of an organization',
    scope: 'webhooks:read',
    answer: channelPage,
    problems: ['not_found', 'forbidden', 'may_not_manage_channels'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: channelQuery }) query: z.infer<typeof channelQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listChannels(em, actor, organizationId, query));
  }

  @Get(':channelId')
  @Operation({
    summary: 'One channel: what it is told, and what failed last',
    scope: 'webhooks:read',
    answer: channel,
    problems: ['not_found', 'forbidden', 'may_not_manage_channels'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('channelId', new ResourceId()) channelId: string,
  ): Promise<ChannelView> {
    return this.database.transaction(actor.tenancy, (em) => readChannel(em, actor, { organizationId, channelId }));
  }

  @Patch(':channelId')
  @Operation({
    summary: 'Change, disable or enable a channel',
    description: 'What is left out stays.',
    answer: channel,
    problems: ['not_found', 'may_not_manage_channels', 'webhook_url_not_allowed', 'version_mismatch'],
  })
  async change(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('channelId', new ResourceId()) channelId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: updateBody }) body: UpdateChannel,
  ): Promise<ChannelView> {
    return this.decisions.decide(actor, (decision) =>
      changeChannel(decision, { organizationId, channelId }, body, matching(ifMatch)),
    );
  }

  @Delete(':channelId')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a channel',
    status: 204,
    problems: ['not_found', 'may_not_manage_channels', 'version_mismatch'],
  })
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('channelId', new ResourceId()) channelId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) =>
      deleteChannel(decision, { organizationId, channelId }, matching(ifMatch)),
    );
  }

  @Post(':channelId/test')
  @HttpCode(202)
  @Operation({
    summary: 'Write a greeting into the chat',
    description: 'It comes in its turn. Where messages do not arrive, the one that waits is tried now.',
    answer: channelTest,
    status: 202,
    problems: ['not_found', 'may_not_manage_channels', 'channel_disabled', 'idempotency_key_reused'],
  })
  async test(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('channelId', new ResourceId()) channelId: string,
    @OnlyOnce() once: Once | null,
  ): Promise<ChannelTest> {
    return this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, () => testChannel(decision, { organizationId, channelId })),
    );
  }
}
