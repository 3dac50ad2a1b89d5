import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { deriveKey, type CompleteConfig } from '#config';
import {
  apiKey,
  apiKeyPage,
  apiKeyQuery,
  createApiKey as createBody,
  createdApiKey,
  Refusal,
  type ApiKeyView,
  type CreateApiKey,
} from '#contracts';
import {
  createApiKey,
  Decisions,
  listApiKeys,
  onlyOnce,
  readApiKey,
  revokeApiKey,
  type Actor,
  type Once,
} from '#decisions';
import { seal, unseal } from '#identity';
import { asSystem, Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';

@ApiTags('api keys')
@Controller('v1/organizations/:organizationId/api-keys')
export class ApiKeysController {
  private readonly sealingKey: Buffer;

  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) config: CompleteConfig,
  ) {
    this.sealingKey = deriveKey(config.payloadKey, 'api-key-answers');
  }

  @Post()
  @Operation({
    summary: 'Make a service principal with roles of its own',
    description:
      'You need the right to give each role. The token is answered once and never again; a service is no Owner and approves nothing.',
    answer: createdApiKey,
    status: 201,
    problems: [
      'not_found',
      'may_not_manage_api_keys',
      'may_not_invite_users',
      'may_not_assign_administrator_roles',
      'role_not_available',
      'partner_role_outside_partner',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateApiKey,
  ): Promise<Created<z.infer<typeof createdApiKey>>> {
    // A repeated request gets the same answer, so the answer is kept; the token in it only sealed.
    const { view, sealedToken } = await this.decisions.decide(withinReach(actor, organizationId), (decision) =>
      onlyOnce(decision.em, once, async () => {
        const made = await createApiKey(decision, organizationId, body);
        return { view: made.view, sealedToken: seal(this.sealingKey, made.token) };
      }),
    );
    const answer = { ...view, token: unseal(this.sealingKey, sealedToken) };
    return new Created(`/v1/organizations/${organizationId}/api-keys/${view.id}`, answer);
  }

  @Get()
  @Operation({
    summary: 'Service principals of an organization, revoked ones included',
    answer: apiKeyPage,
    problems: ['not_found', 'forbidden', 'may_not_manage_api_keys'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: apiKeyQuery }) query: z.infer<typeof apiKeyQuery>,
  ) {
    return this.database.transaction(withinReach(actor, organizationId).tenancy, (em) =>
      listApiKeys(em, actor, organizationId, query),
    );
  }

  @Get(':apiKeyId')
  @Operation({
    summary: 'One service principal; never its token',
    answer: apiKey,
    problems: ['not_found', 'forbidden', 'may_not_manage_api_keys'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('apiKeyId', new ResourceId()) apiKeyId: string,
  ): Promise<ApiKeyView> {
    return this.database.transaction(withinReach(actor, organizationId).tenancy, (em) =>
      readApiKey(em, actor, organizationId, apiKeyId),
    );
  }

  @Delete(':apiKeyId')
  @HttpCode(204)
  @Operation({
    summary: 'Revoke an API key at once',
    status: 204,
    problems: ['not_found', 'may_not_manage_api_keys', 'version_mismatch'],
  })
  async revoke(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('apiKeyId', new ResourceId()) apiKeyId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    await this.decisions.decide(withinReach(actor, organizationId), (decision) =>
      revokeApiKey(decision, organizationId, apiKeyId, matching(ifMatch)),
    );
  }
}

/** A key's row is in its own organization's sight alone; a partner whose roles reach the customer is judged like its people. */
function withinReach(actor: Actor, organizationId: string): Actor {
  const { tenancy } = actor;
  if (tenancy.kind === 'tenant' && !tenancy.reach.includes(organizationId)) throw new Refusal('not_found');
  return { ...actor, tenancy: asSystem };
}
