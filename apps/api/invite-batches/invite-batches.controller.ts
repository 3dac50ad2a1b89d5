import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { createInviteBatch as batchSchema, inviteBatch, Refusal, type InviteBatchView } from '#contracts';
import {
  createInviteBatch,
  Decisions,
  onlyOnce,
  readInviteBatch,
  viewInviteBatch,
  type Actor,
  type Once,
  type SentRow,
} from '#decisions';
import { Database } from '#persistence';
import { OnlyOnce } from '../answers/idempotency.ts';
import { CallerAsActor } from '../authentication/caller.ts';
import { jsonSchemaOf } from '../openapi/json-schema.ts';
import { Operation } from '../openapi/operation.ts';
import { errorsOf, ResourceId } from '../problem/validation.ts';
import { readInvitesCsv } from './read-csv.ts';
import { readText } from './read-text.ts';

@ApiTags('invites')
@Controller('v1/organizations/:organizationId/invites')
export class InviteBatchesController {
  constructor(
    private readonly decisions: Decisions,
    private readonly database: Database,
  ) {}

  @Post('batch')
  @HttpCode(202)
  @ApiConsumes('application/json', 'text/csv')
  @ApiBody({
    schema: jsonSchemaOf(batchSchema, 'input').schema,
    description:
      'Up to 5,000 rows: `{"invites": […]}` with the fields of a single invite, or a CSV file with the columns email, displayName, workspaceRole and administratorRoles (separated by semicolons), in UTF-8, UTF-16 with its mark, or the encoding that the content type names.',
  })
  @Operation({
    summary: 'Invite many people at once',
    scope: 'invites:write',
    description:
      'Rows that are no invites come back in `rows`, all others are invited in the background; `Location` tells how far it is. Sending the same file again invites nobody twice.',
    answer: inviteBatch,
    status: 202,
    problems: [
      'not_found',
      'may_not_invite_users',
      'body_too_large',
      'unsupported_media_type',
      'idempotency_key_reused',
    ],
  })
  async create(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @OnlyOnce() once: Once | null,
    @Body() body: unknown,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<InviteBatchView> {
    const rows = rowsOf(body, request.headers['content-type'] ?? '');
    const view = await this.decisions.decide(actor, (decision) =>
      onlyOnce(decision.em, once, async () =>
        viewInviteBatch(decision.em, await createInviteBatch(decision, organizationId, rows)),
      ),
    );
    response.setHeader('Location', `/v1/organizations/${organizationId}/invites/batches/${view.id}`);
    return view;
  }

  @Get('batches/:batchId')
  @Operation({
    summary: 'How far a bulk invite is',
    scope: 'invites:read',
    answer: inviteBatch,
    problems: ['not_found', 'forbidden'],
  })
  async get(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Param('batchId', new ResourceId()) batchId: string,
  ): Promise<InviteBatchView> {
    return this.database.transaction(actor.tenancy, (em) => readInviteBatch(em, actor, organizationId, batchId));
  }
}

function rowsOf(body: unknown, contentType: string): SentRow[] {
  if (body instanceof Uint8Array) return readInvitesCsv(readText(body, contentType));
  if (body === undefined) throw new Refusal('unsupported_media_type');
  const { data, error } = batchSchema.safeParse(body);
  if (error) throw new Refusal('invalid_request', { errors: errorsOf(error.issues) });
  return data.invites.map((input) => ({ input, line: null }));
}
