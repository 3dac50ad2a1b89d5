import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { CompleteConfig } from '#config';
import {
  apiKey,
  apiKeyPage,
  apiKeyQuery,
  createApiKey as createBody,
  createdApiKey,
  renewApiKey as renewBody,
  type ApiKeyView,
  type CreateApiKey,
  type ErrorCode,
  type RenewApiKey,
} from '#contracts';
import {
  createApiKey,
  Decisions,
  listApiKeys,
  readApiKey,
  revokeApiKey,
  rotateApiKey,
  takeOverApiKey,
  type Actor,
  type Once,
} from '#decisions';
import { Database } from '#persistence';
import { Created } from '../answers/created.ts';
import { matching } from '../answers/entity-tag.ts';
import { IfMatch, OnlyOnce } from '../answers/idempotency.ts';
import { TokenAnswers } from '../answers/token-answers.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { withinReach } from '../authentication/within-reach.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';

const renewing = [
  'not_found',
  'may_not_manage_api_keys',
  'may_not_invite_users',
  'may_not_assign_administrator_roles',
  'role_not_available',
  'partner_role_outside_partner',
  'duration_above_policy',
  'step_up_required',
  'api_key_over',
  'version_mismatch',
  'idempotency_key_reused',
] as const satisfies readonly ErrorCode[];

@ApiTags('api keys')
@Controller('v1/organizations/:organizationId/api-keys')
export class ApiKeysController {
  private readonly answers: TokenAnswers;

  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) config: CompleteConfig,
  ) {
    this.answers = new TokenAnswers(config, 'api-key-answers');
  }

  @Post()
  @Operation({
    summary: 'Make a service principal with roles of its own',
    description:
      'You need the right to give each role. The token is answered once and never again; a service is no Owner and approves nothing. It does what `scopes` name (without them it only evaluates access), what its roles give, and never more than you may at that moment; it ends with your right, unless somebody takes it over. It expires after 90 days, or at `expiresAt`, at most after 365.',
    answer: createdApiKey,
    status: 201,
    problems: [
      'not_found',
      'may_not_manage_api_keys',
      'may_not_invite_users',
      'may_not_assign_administrator_roles',
      'role_not_available',
      'partner_role_outside_partner',
      'duration_above_policy',
      'step_up_required',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateApiKey,
  ): Promise<Created<z.infer<typeof createdApiKey>>> {
    const answer = await this.answers.make(this.decisions, withinReach(actor, organizationId), once, (decision) =>
      createApiKey(decision, organizationId, body),
    );
    return new Created(`/v1/organizations/${organizationId}/api-keys/${answer.id}`, answer);
  }

  @Post(':apiKeyId/rotate')
  @HttpCode(200)
  @Operation({
    summary: 'Give an API key a new token',
    description:
      'For `overlapSeconds` (a day unless said otherwise, at most seven) the former token goes on beside it; 0 ends it at once. For the person who answers for the key.',
    answer: createdApiKey,
    problems: [...renewing, 'not_your_api_key'],
  })
  async rotate(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('apiKeyId', new ResourceId()) apiKeyId: string,
    @OnlyOnce() once: Once | null,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: renewBody.prefault({}) }) body: RenewApiKey,
  ): Promise<z.infer<typeof createdApiKey>> {
    return this.answers.make(this.decisions, withinReach(actor, organizationId), once, (decision) =>
      rotateApiKey(decision, { organizationId, apiKeyId }, body, matching(ifMatch)),
    );
  }

  @Post(':apiKeyId/take-over')
  @HttpCode(200)
  @Operation({
    summary: 'Answer for an API key from now on',
    description:
      'For whoever could make it. The key no longer ends with whoever made it, and your rights bound it instead of theirs. You get a new token; the former one goes on for `overlapSeconds`, and no longer than the former person has the right.',
    answer: createdApiKey,
    problems: renewing,
  })
  async takeOver(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('apiKeyId', new ResourceId()) apiKeyId: string,
    @OnlyOnce() once: Once | null,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: renewBody.prefault({}) }) body: RenewApiKey,
  ): Promise<z.infer<typeof createdApiKey>> {
    return this.answers.make(this.decisions, withinReach(actor, organizationId), once, (decision) =>
      takeOverApiKey(decision, { organizationId, apiKeyId }, body, matching(ifMatch)),
    );
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
