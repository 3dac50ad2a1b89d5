import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { CompleteConfig } from '#config';
import {
  createdScimToken,
  createScimToken as createBody,
  rotateScimToken as rotateBody,
  scimToken,
  scimTokenPage,
  scimTokenQuery,
  type CreateScimToken,
  type ErrorCode,
  type RotateScimToken,
  type ScimTokenView,
} from '#contracts';
import {
  createScimToken,
  Decisions,
  listScimTokens,
  readScimToken,
  revokeScimToken,
  rotateScimToken,
  type Actor,
  type Decision,
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

const managing = [
  'not_found',
  'authentication_is_the_tenants_own',
  'may_not_change_login_methods',
] as const satisfies readonly ErrorCode[];
const making = [
  ...managing,
  'may_not_invite_users',
  'step_up_required',
  'duration_above_policy',
  'idempotency_key_reused',
] as const satisfies readonly ErrorCode[];

@ApiTags('directories')
@Controller('v1/organizations/:organizationId/scim-tokens')
export class ScimTokensController {
  private readonly answers: TokenAnswers;

  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {
    this.answers = new TokenAnswers(config, 'scim-token-answers');
  }

  @Post()
  @Operation({
    summary: "Let the organization's directory in by SCIM",
    description:
      'For an Owner, or a full administrator where that is not restricted, who may invite users; in a session. The token is answered once and never again, opens `/scim/v2/{organizationId}` and nothing else, and works while you may do what it does. It expires after 90 days, or at `expiresAt`, at most after 365. Owners and full administrators are mailed.',
    answer: createdScimToken,
    status: 201,
    problems: making,
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body({ schema: createBody }) body: CreateScimToken,
  ): Promise<Created<z.infer<typeof createdScimToken>>> {
    const answer = await this.withToken(actor, organizationId, once, (decision) =>
      createScimToken(decision, organizationId, body),
    );
    return new Created(`/v1/organizations/${organizationId}/scim-tokens/${answer.id}`, answer);
  }

  @Post(':scimTokenId/rotate')
  @HttpCode(200)
  @Operation({
    summary: 'Give a directory a new token',
    description:
      'For whoever could make it; from now on you answer for it. For `overlapSeconds` (a day unless said otherwise, at most seven) the former token goes on beside it; 0 ends it at once.',
    answer: createdScimToken,
    problems: [...making, 'scim_token_over', 'version_mismatch'],
  })
  async rotate(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('scimTokenId', new ResourceId()) scimTokenId: string,
    @OnlyOnce() once: Once | null,
    @IfMatch() ifMatch: string | null,
    @Body({ schema: rotateBody.prefault({}) }) body: RotateScimToken,
  ): Promise<z.infer<typeof createdScimToken>> {
    return this.withToken(actor, organizationId, once, (decision) =>
      rotateScimToken(decision, organizationId, scimTokenId, body, matching(ifMatch)),
    );
  }

  @Get()
  @Operation({
    summary: 'Tokens of the directories of an organization, revoked ones included',
    answer: scimTokenPage,
    problems: [...managing, 'forbidden'],
  })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: scimTokenQuery }) query: z.infer<typeof scimTokenQuery>,
  ) {
    return this.database.transaction(withinReach(actor, organizationId).tenancy, (em) =>
      listScimTokens(em, actor, organizationId, query),
    );
  }

  @Get(':scimTokenId')
  @Operation({
    summary: 'How a directory is let in; never its token',
    answer: scimToken,
    problems: [...managing, 'forbidden'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('scimTokenId', new ResourceId()) scimTokenId: string,
  ): Promise<ScimTokenView> {
    return this.database.transaction(withinReach(actor, organizationId).tenancy, (em) =>
      readScimToken(em, actor, organizationId, scimTokenId),
    );
  }

  @Delete(':scimTokenId')
  @HttpCode(204)
  @Operation({
    summary: 'Let a directory in no more, at once',
    description: 'Who is a member stays one. Owners and full administrators are mailed.',
    status: 204,
    problems: [...managing, 'step_up_required', 'version_mismatch'],
  })
  async revoke(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('scimTokenId', new ResourceId()) scimTokenId: string,
    @IfMatch() ifMatch: string | null,
  ): Promise<void> {
    await this.decisions.decide(withinReach(actor, organizationId), (decision) =>
      revokeScimToken(decision, organizationId, scimTokenId, matching(ifMatch)),
    );
  }

  private async withToken(
    actor: Actor,
    organizationId: string,
    once: Once | null,
    work: (decision: Decision) => Promise<{ view: ScimTokenView; token: string }>,
  ): Promise<z.infer<typeof createdScimToken>> {
    const made = await this.answers.make(this.decisions, withinReach(actor, organizationId), once, work);
    return { ...made, baseUrl: `${this.config.publicUrl}/scim/v2/${organizationId}` };
  }
}
