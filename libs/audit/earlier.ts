import type { ChainedEvent } from './chain.ts';
import { parseLine } from './export-format.ts';
import type { SizeAndRoot } from './tree/merkle.ts';
import type { FirstInvalid } from './verification.ts';

/** What somebody kept of a trail: an export, or just a checkpoint. */
export interface Earlier {
  /** The lines of an export that verifies in itself. */
  lines?: AsyncIterable<string> | Iterable<string>;
  head?: SizeAndRoot;
}

/** Reads the events of an older export beside those of a newer one, one by one. */
export class EarlierEvents {
  private readonly lines: AsyncIterator<string> | Iterator<string>;
  private difference: FirstInvalid | undefined;
  private isOver = false;

  constructor(lines: AsyncIterable<string> | Iterable<string>) {
    this.lines = Symbol.asyncIterator in lines ? lines[Symbol.asyncIterator]() : lines[Symbol.iterator]();
  }

  async compare({ id, hash }: ChainedEvent): Promise<void> {
    if (this.difference || this.isOver) return;
    const kept = await this.next();
    if (kept && kept.hash !== hash) this.difference = { position: kept.position, id, why: 'rewritten' };
  }

  /** @param isSigned whether the newer export, as far as it goes, is what the service signed at some time */
  async finish(events: number, isSigned: boolean): Promise<FirstInvalid | undefined> {
    if (this.difference || this.isOver) return this.difference;
    const goesOn = (await this.next()) !== null;
    return goesOn ? { position: events + 1, why: isSigned ? 'checkpoint_restored' : 'truncated' } : undefined;
  }

  private async next(): Promise<ChainedEvent | null> {
    while (!this.isOver) {
      const { done, value } = await this.lines.next();
      const line = done ? null : parseLine(value);
      if (done || line?.type === 'trailer') this.isOver = true;
      else if (line?.type === 'event') return line;
    }
    return null;
  }
}
