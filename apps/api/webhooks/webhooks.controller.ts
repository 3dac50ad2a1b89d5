import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { deriveKeys, type CompleteConfig, type Keys } from '#config';
import {
  createWebhook as createBody,
  updateWebhook as updateBody,
  webhook,
  webhookPage,
  webhookQuery,
  webhookTest,
  webhookWithSecret,
  type CreateWebhook,
  type UpdateWebhook,
  type WebhookTest,
  type WebhookView,
} from '#contracts';
import {
  changeWebhook,
  createWebhook,
  Decisions,
  deleteWebhook,
  listWebhooks,
  onlyOnce,
  readWebhook,
  rotateWebhookSecret,
  testWebhook,
  type Actor,
  type Once,
  type Precondition,
  type WebhookWithSealedSecret,
} from '#decisions';
import { unseal } from '#identity';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { requireMatch } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';

type WithSecret = z.infer<typeof webhookWithSecret>;

const matching =
  (ifMatch: string | null): Precondition =>
  (present) =>
    requireMatch(ifMatch, present);

@ApiTags('webhooks')
@Controller('v1/organizations/:organizationId/webhooks')
export class WebhooksController {
  private readonly sealingKeys: Keys;

  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) config: CompleteConfig,
  ) {
    this.sealingKeys = deriveKeys(config.payloadKeys, 'stored-secrets');
  }

  @Post()
  @Operation({
    summary: 'Send audit events of the organization to an address',
    description:
      'Every sealed event from now on, or those named in `actions`, in order and at least once, signed as Standard Webhooks say. ' +
      'The `secret` is answered once and never again. Needs the right to manage API keys and to read the audit trail.',
    answer: webhookWithSecret,
    status: 201,
    problems: [
      'not_found',
      'may_not_manage_webhooks',
      'webhook_url_not_allowed',
      'webhook_limit_reached',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateWebhook,
  ): Promise<Created<WithSecret>> {
    // A repeated request gets the same answer, so the answer is kept; the secret in it only sealed.
    const made = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, () => createWebhook(decision, organizationId, body)),
    );
    return new Created(`/v1/organizations/${organizationId}/webhooks/${made.view.id}`, this.withSecret(made));
  }

  @Get()
  @Operation({
    summary: 'Webhooks of an organization',
    scope: 'webhooks:read',
    answer: webhookPage,
    problems: ['not_found', 'forbidden', 'may_not_manage_webhooks'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: webhookQuery }) query: z.infer<typeof webhookQuery>,
  ) {
    return this.database.transaction(actor.tenancy, (em) => listWebhooks(em, actor, organizationId, query));
  }

  @Get(':webhookId')
  @Operation({
    summary: 'One webhook: how far it has come, and what failed last',
    scope: 'webhooks:read',
    answer: webhook,
    problems: ['not_found', 'forbidden', 'may_not_manage_webhooks'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('webhookId', new ResourceId()) webhookId: string,
  ): Promise<WebhookView> {
    return this.database.transaction(actor.tenancy, (em) => readWebhook(em, actor, { organizationId, webhookId }));
  }

  @Patch(':webhookId')
  @Operation({
    summary: 'Change, disable or enable a webhook',
    description: 'What is left out stays. Enabled again, it goes on with the event it stopped at.',
    answer: webhook,
    problems: ['not_found', 'may_not_manage_webhooks', 'webhook_url_not_allowed', 'version_mismatch'],
  })
  async change(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('webhookId', new ResourceId()) webhookId: string,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: updateBody }) body: UpdateWebhook,
  ): Promise<WebhookView> {
    return this.decisions.decide(actor, (decision) =>
      changeWebhook(decision, { organizationId, webhookId }, body, matching(ifMatch)),
    );
  }

  @Delete(':webhookId')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a webhook',
    description: 'A request that is under way may still arrive.',
    status: 204,
    problems: ['not_found', 'may_not_manage_webhooks', 'version_mismatch'],
  })
  async remove(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('webhookId', new ResourceId()) webhookId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    await this.decisions.decide(actor, (decision) =>
      deleteWebhook(decision, { organizationId, webhookId }, matching(ifMatch)),
    );
  }

  @Post(':webhookId/rotate-secret')
  @HttpCode(200)
  @Operation({
    summary: 'Give a webhook a new secret',
    description:
      'For 24 hours the former one signs beside it, whatever is rotated meanwhile: `webhook-signature` carries a signature of each.',
    answer: webhookWithSecret,
    problems: [
      'not_found',
      'may_not_manage_webhooks',
      'webhook_rotated_too_often',
      'version_mismatch',
      'idempotency_key_reused',
    ],
  })
  async rotateSecret(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('webhookId', new ResourceId()) webhookId: string,
    @OnlyOnce() once: Once | null,
    @IfMatch() ifMatch: string | null,
  ): Promise<WithSecret> {
    const rotated = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, () =>
        rotateWebhookSecret(decision, { organizationId, webhookId }, matching(ifMatch)),
      ),
    );
    return this.withSecret(rotated);
  }

  @Post(':webhookId/test')
  @HttpCode(202)
  @Operation({
    summary: 'Send a `webhook.tested` event',
    description:
      'It comes in its turn, whatever `actions` says. Where deliveries fail, the one that waits is tried now.',
    answer: webhookTest,
    status: 202,
    problems: ['not_found', 'may_not_manage_webhooks', 'webhook_disabled', 'idempotency_key_reused'],
  })
  async test(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('webhookId', new ResourceId()) webhookId: string,
    @OnlyOnce() once: Once | null,
  ): Promise<WebhookTest> {
    return this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, () => testWebhook(decision, { organizationId, webhookId })),
    );
  }

  private withSecret({ view, sealedSecret }: WebhookWithSealedSecret): WithSecret {
    return { ...view, secret: unseal(this.sealingKeys, sealedSecret) };
  }
}
