import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { z } from 'zod';
import type { CompleteConfig } from '#config';
import {
  createSignalStream as createBody,
  replaceSignalStream as replaceBody,
  signalStreamQuery,
  signalStreamReference,
  signalStreamStatus,
  updateSignalStream as updateBody,
  verifySignalStream as verifyBody,
  type CreateSignalStream,
  type ReplaceSignalStream,
  type SignalStreamStatus,
  type SignalStreamStatusView,
  type SignalStreamView,
  type UpdateSignalStream,
  type VerifySignalStream,
} from '#contracts';
import {
  changeSignalStream,
  createSignalStream,
  Decisions,
  deleteSignalStream,
  listSignalStreams,
  onlyOnce,
  publishedSignalKeys,
  readSignalStream,
  replaceSignalStream,
  setSignalStreamStatus,
  verifySignalStream,
  viewSignalStatus,
  viewSignalStream,
  type Actor,
  type Once,
} from '#decisions';
import { asSystem, Database, type Webhook } from '#persistence';
import { OnlyOnce } from '../answers/idempotency.ts';
import { Public } from '../authentication/authentication.guard.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';
import { transmitterConfiguration } from './description.ts';

type Reference = z.infer<typeof signalStreamReference>;

/**
 * A transmitter of shared signals (OpenID SSF 1.0). Names and addresses are the standard's and not ours, so it is described in
 * docs/signals.md and by its own configuration, and is no part of the OpenAPI document.
 */
@ApiExcludeController()
@Controller()
export class SignalStreamsController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get('.well-known/ssf-configuration/ssf/:organizationId')
  @Public()
  configuration(@Param('organizationId', new ResourceId()) organizationId: string) {
    return transmitterConfiguration(this.config.publicUrl, organizationId);
  }

  @Get('ssf/jwks.json')
  @Public()
  async keys() {
    return { keys: await this.database.transaction(asSystem, publishedSignalKeys) };
  }

  @Post('ssf/:organizationId/streams')
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateSignalStream,
  ): Promise<SignalStreamView> {
    return this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () => this.view(await createSignalStream(decision, organizationId, body))),
    );
  }

  /** One stream, or without `stream_id` all of them. */
  @Get('ssf/:organizationId/streams')
  @Operation({ summary: 'Streams of signals', scope: 'webhooks:read' })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: signalStreamQuery }) { stream_id: streamId }: z.infer<typeof signalStreamQuery>,
  ): Promise<SignalStreamView | SignalStreamView[]> {
    return this.database.transaction(actor.tenancy, async (em) =>
      streamId === undefined
        ? (await listSignalStreams(em, actor, organizationId)).map((row) => this.view(row))
        : this.view(await readSignalStream(em, actor, { organizationId, streamId })),
    );
  }

  @Patch('ssf/:organizationId/streams')
  async change(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: updateBody }) body: UpdateSignalStream,
  ): Promise<SignalStreamView> {
    return this.decisions.decide(actor, async (decision) =>
      this.view(await changeSignalStream(decision, organizationId, body)),
    );
  }

  @Put('ssf/:organizationId/streams')
  async replace(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: replaceBody }) body: ReplaceSignalStream,
  ): Promise<SignalStreamView> {
    return this.decisions.decide(actor, async (decision) =>
      this.view(await replaceSignalStream(decision, organizationId, body)),
    );
  }

  @Delete('ssf/:organizationId/streams')
  @HttpCode(204)
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: signalStreamReference }) { stream_id: streamId }: Reference,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => deleteSignalStream(decision, { organizationId, streamId }));
  }

  @Get('ssf/:organizationId/status')
  @Operation({ summary: 'Status of a stream', scope: 'webhooks:read' })
  async status(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: signalStreamReference }) { stream_id: streamId }: Reference,
  ): Promise<SignalStreamStatusView> {
    const row = await this.database.transaction(actor.tenancy, (em) =>
      readSignalStream(em, actor, { organizationId, streamId }),
    );
    return viewSignalStatus(row);
  }

  @Post('ssf/:organizationId/status')
  @HttpCode(200)
  async setStatus(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: signalStreamStatus }) body: SignalStreamStatus,
  ): Promise<SignalStreamStatusView> {
    return this.decisions.decide(actor, async (decision) =>
      viewSignalStatus(await setSignalStreamStatus(decision, organizationId, body)),
    );
  }

  @Post('ssf/:organizationId/verification')
  @HttpCode(204)
  async verify(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Body({ schema: verifyBody }) body: VerifySignalStream,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) => verifySignalStream(decision, organizationId, body));
  }

  private readonly view = (row: Webhook): SignalStreamView => viewSignalStream(row, this.config.publicUrl);
}
