import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { addEvaluations } from '#decisions';
import { asSystem, Database } from '#persistence';

const tellEveryMilliseconds = 1_000;

/**
 * How often each temporary access let somebody do something. Counted in memory and added to its row once a second, so that
 * no evaluation waits for it; a process that is killed takes its last second with it.
 */
@Injectable()
export class EvaluationCounters implements BeforeApplicationShutdown {
  private counts = new Map<string, number>();
  private telling: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  count(grantIds: readonly string[]): void {
    for (const id of grantIds) this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    if (this.counts.size === 0) return;
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      void this.tell();
    }, tellEveryMilliseconds).unref();
  }

  /** Adds now what would be added within a second. Never rejects: what was not added is added next time. */
  async tell(): Promise<void> {
    const counts = this.counts;
    this.counts = new Map();
    for (const [id, count] of counts) {
      try {
        await this.database.transaction(asSystem, (em) => addEvaluations(em, id, count));
      } catch {
        this.counts.set(id, (this.counts.get(id) ?? 0) + count);
      }
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.telling);
    await this.tell();
  }
}
