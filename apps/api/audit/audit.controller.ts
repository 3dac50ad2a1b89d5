import { Controller, Get, Header, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import {
  exportEvents,
  listEvents,
  readCheckpoint,
  readConsistency,
  readEventProof,
  signingKeyFrom,
  verifyChain,
} from '#audit';
import type { CompleteConfig } from '#config';
import {
  auditPage,
  auditQuery,
  chainVerification,
  consistencyProof,
  consistencyQuery,
  eventProofQuery,
  Refusal,
} from '#contracts';
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
  @Operation({
    scope: 'audit:read',
    summary: 'What happened, newest first',
    answer: auditPage,
    problems: ['not_found', 'forbidden'],
  })
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
    scope: 'audit:read',
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
    scope: 'audit:read',
    answer: chainVerification,
    problems: ['not_found', 'forbidden'],
  })
  async verify(@CallerAsActor() actor: Actor, @Param('organizationId', new ResourceId()) organizationId: string) {
    await this.database.transaction(actor.tenancy, (em) => requireAuditSight(em, actor, organizationId));
    const { publicKey } = signingKeyFrom(this.config.signingKey);
    return verifyChain(this.database, actor.tenancy, organizationId, { publicKey });
  }

  @Get('checkpoint')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Operation({
    summary: 'The signed head of the trail',
    scope: 'audit:read',
    description:
      'A checkpoint as C2SP tlog-checkpoint describes it: origin, number of sealed events, root hash, signature. Keep one elsewhere, and nobody can rewrite what was before it unseen.',
    mediaType: 'text/plain',
    problems: ['not_found', 'forbidden'],
  })
  async checkpoint(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
  ): Promise<string> {
    return this.database.transaction(actor.tenancy, async (em) => {
      await requireAuditSight(em, actor, organizationId);
      const note = await readCheckpoint(em, organizationId);
      if (note === null) throw new Refusal('not_found');
      return note;
    });
  }

  @Get('consistency')
  @Operation({
    summary: 'The proof that an earlier trail is the beginning of a later one',
    scope: 'audit:read',
    description: 'RFC 6962, 2.1.2: hashes in base64, between the trails of `from` and `to` sealed events.',
    answer: consistencyProof,
    problems: ['not_found', 'forbidden'],
  })
  async consistency(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: consistencyQuery }) { from, to }: z.infer<typeof consistencyQuery>,
  ): Promise<z.infer<typeof consistencyProof>> {
    return this.database.transaction(actor.tenancy, async (em) => {
      await requireAuditSight(em, actor, organizationId);
      const proof = await readConsistency(em, organizationId, from, to);
      if (proof === null) throw new Refusal('not_found');
      return { from, to, proof: proof.map((hash) => hash.toString('base64')) };
    });
  }

  @Get('proof')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Operation({
    summary: 'The proof of one event, to hand to an auditor',
    scope: 'audit:read',
    description:
      'As C2SP tlog-proof describes it, with the event in it; verified offline by `countersign audit verify`. `personal=true` discloses names, addresses and words; without it only their salted digest goes along.',
    mediaType: 'text/plain',
    problems: ['not_found', 'forbidden'],
  })
  async proof(
    @CallerAsActor() actor: Actor,
    @Param('organizationId', new ResourceId()) organizationId: string,
    @Query({ schema: eventProofQuery }) { eventId, personal }: z.infer<typeof eventProofQuery>,
  ): Promise<string> {
    return this.database.transaction(actor.tenancy, async (em) => {
      await requireAuditSight(em, actor, organizationId);
      const proof = await readEventProof(em, organizationId, eventId, { personal });
      if (proof === null) throw new Refusal('not_found');
      return proof;
    });
  }
}
