import { Controller, Get, Header, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { exportEvents, listEvents, signingKeyFrom, verifyChain } from '#audit';
import type { CompleteConfig } from '#config';
import { auditPage, auditQuery, chainVerification } from '#contracts';
import { requireAuditSight, type Actor } from '#decisions';
import { Database } from '#persistence';
import { CallerAsActor } from '../authentication/caller.ts';
import { Operation } from '../openapi/operation.ts';
import { ResourceId } from '../problem/validation.ts';
import { configuration } from '../tokens.ts';

@ApiTags('audit trail')
@Controller('v1/organizations/:organizationId/audit-events')
export class AuditController {
  constructor(
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get()
  @Operation({ summary: 'What happened, newest first', answer: auditPage, problems: ['not_found', 'forbidden'] })
  async list(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: auditQuery }) query: z.infer<typeof auditQuery>,
  ) {
    return this.database.transaction(actor.tenancy, async (em) => {
      await requireAuditSight(em, actor, organizationId);
      return listEvents(em, organizationId, query);
    });
  }

  @Get('export')
  @Header('Content-Type', 'application/jsonl')
  @Operation({
    summary: 'The whole sealed trail as JSON lines',
    description: 'Can be verified offline with `countersign audit verify`.',
    mediaType: 'application/jsonl',
    problems: ['not_found', 'forbidden'],
  })
  async export(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.database.transaction(actor.tenancy, (em) => requireAuditSight(em, actor, organizationId));
    await pipeline(Readable.from(exportEvents(this.database, actor.tenancy, organizationId)), response);
  }

  @Get('verify')
  @Operation({
    summary: 'Whether the chain is whole',
    answer: chainVerification,
    problems: ['not_found', 'forbidden'],
  })
  async verify(@CallerAsActor() actor: Actor, @Param('organizationId', new ResourceId()) organizationId: string) {
    await this.database.transaction(actor.tenancy, (em) => requireAuditSight(em, actor, organizationId));
    const { publicKey } = signingKeyFrom(this.config.signingKey);
    return verifyChain(this.database, actor.tenancy, organizationId, { publicKey });
  }
}
