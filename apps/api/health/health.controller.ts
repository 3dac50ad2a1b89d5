import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { register } from '#composition';
import { UnknownPayloadKeyError } from '#decisions';
import { liveness, readiness, Refusal } from '#contracts';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { Public } from '../authentication/authentication.guard.ts';
import { Draining } from '../draining/draining.ts';
import { Operation } from '../openapi/operation.ts';
import { BacklogGauges } from './backlog-gauges.ts';
import { KnownKeys } from './known-keys.ts';

@ApiTags('operations')
@Controller()
@Public()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly temporal: TemporalClient,
    private readonly backlog: BacklogGauges,
    private readonly draining: Draining,
    private readonly keys: KnownKeys,
  ) {}

  @Get('health/live')
  @Operation({ summary: 'The process answers', answer: liveness, isPublic: true })
  live() {
    return { status: 'ok' };
  }

  /** Requests and decisions go on without Temporal, so only the database and its schema decide whether traffic may come. */
  @Get('health/ready')
  @Operation({ summary: 'The service can work', answer: readiness, isPublic: true })
  async ready() {
    if (this.draining.signal.aborted) throw new Refusal('unavailable', { retryAfterSeconds: 2, draining: true });
    const [schema, temporal] = await Promise.all([this.database.schema(), this.temporal.isReachable()]);
    if (!schema) throw new Refusal('unavailable', { retryAfterSeconds: 2, database: 'down' });
    if (schema === 'older') throw new Refusal('unavailable', { retryAfterSeconds: 2, database: 'up', schema });
    await this.keys.check().catch((error: unknown) => {
      const isWrong = error instanceof UnknownPayloadKeyError;
      throw new Refusal('unavailable', {
        retryAfterSeconds: 2,
        ...(isWrong ? { payloadKey: 'wrong' } : { database: 'down' }),
      });
    });
    return { status: 'ok', database: 'up', schema, temporal: temporal ? 'up' : 'down' };
  }

  /** Answers everybody, as Prometheus wants it; there is nothing in it about anybody. */
  @Get('metrics')
  @Header('Content-Type', register.contentType)
  @Operation({ summary: 'Prometheus metrics', mediaType: 'text/plain', isPublic: true })
  async metrics(): Promise<string> {
    const [ofProcess, ofDatabase] = await Promise.all([register.metrics(), this.backlog.exposition()]);
    return `${ofProcess}\n${ofDatabase}`;
  }
}
