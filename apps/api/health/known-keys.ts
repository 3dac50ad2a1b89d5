import { Inject, Injectable } from '@nestjs/common';
import type { CompleteConfig } from '#config';
import { joinPayloadKeys } from '#decisions';
import { Database } from '#persistence';
import { configuration } from '../tokens.ts';

/** Sees, once, that the payload keys open what the database keeps: whoever has the wrong ones serves nobody. */
@Injectable()
export class KnownKeys {
  private areKnown = false;

  constructor(
    private readonly database: Database,
    @Inject(configuration) private readonly config: CompleteConfig,
  ) {}

  /** Rejects with UnknownPayloadKeyError, or because the database or its schema is not there yet. */
  async check(): Promise<void> {
    if (this.areKnown) return;
    await joinPayloadKeys(this.database, this.config.payloadKeys);
    this.areKnown = true;
  }
}
