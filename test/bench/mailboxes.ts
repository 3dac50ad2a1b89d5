/** Counts the mails of each address, so that a story can wait for the one that comes next. */
export class Mailboxes {
  readonly #counts = new Map<string, number>();
  readonly #waiting = new Map<string, { wanted: number; resolve: () => void }[]>();

  arrived(address: string): void {
    const count = this.countOf(address) + 1;
    this.#counts.set(address, count);
    const waiting = this.#waiting.get(address);
    if (!waiting) return;
    for (const one of waiting.filter(({ wanted }) => wanted <= count)) one.resolve();
    this.#waiting.set(
      address,
      waiting.filter(({ wanted }) => wanted > count),
    );
  }

  countOf(address: string): number {
    return this.#counts.get(address) ?? 0;
  }

  /** Resolves as soon as so many mails have come to the address, counted from the beginning. */
  async until(address: string, wanted: number): Promise<void> {
    if (this.countOf(address) >= wanted) return;
    await new Promise<void>((resolve) => {
      this.#waiting.set(address, [...(this.#waiting.get(address) ?? []), { wanted, resolve }]);
    });
  }
}
