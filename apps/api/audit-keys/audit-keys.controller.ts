import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { firstKey, readKeyRing, signingKeyFrom } from '#audit';
import type { CompleteConfig } from '#config';
import { auditKeys } from '#contracts';
import { asSystem, Database, databaseNow } from '#persistence';
import { Public } from '../authentication/authentication.guard.ts';
import { Operation } from '../openapi/operation.ts';
import { configuration } from '../tokens.ts';

/** What an auditor compares exports with. To be worth more than the export itself, it is fetched and kept beforehand. */
@ApiTags('audit trail')
@Controller()
@Public()
export class AuditKeysController {
  constructor(
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  @Get('.well-known/countersign-audit')
  @Operation({
    summary: 'The public keys that have signed audit trails',
    description:
      'From the first to the present one. Each is signed by the one before it and has signed the same link itself, so whoever trusts one of them may trust the others.',
    answer: auditKeys,
    isPublic: true,
  })
  async keys(): Promise<z.infer<typeof auditKeys>> {
    return this.database.transaction(asSystem, async (em) => {
      const ring = await readKeyRing(em);
      // No worker has begun the ring yet.
      const begun = async () => [
        firstKey(signingKeyFrom(this.config.signingKey), (await databaseNow(em)).toISOString()),
      ];
      return { format: 'countersign-audit-keys/1', keys: ring.length > 0 ? [...ring] : await begun() };
    });
  }
}
