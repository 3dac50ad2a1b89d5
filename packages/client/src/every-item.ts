interface Page<Item> {
  items: readonly Item[];
  nextCursor: string | null;
}

/**
 * Walks a list from page to page, asking for the next one when the last is used up.
 * @example for await (const elevation of everyItem((cursor) => countersign.listElevations({ query: { cursor } }))) …
 */
export async function* everyItem<Item>(
  pageAt: (cursor: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await pageAt(cursor);
    yield* items;
    cursor = nextCursor ?? undefined;
  } while (cursor);
}
