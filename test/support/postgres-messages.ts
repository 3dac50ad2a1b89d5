export interface ClientMessage {
  bytes: Buffer;
  /** What it says; null for what belongs to connecting and leaving. */
  text: string | null;
}

const lengthBytes = 4;
/** Password, and the goodbye. */
const aside = new Set(['p', 'X']);

/** Takes the bytes a client sends to PostgreSQL apart into messages; what is incomplete waits for the rest. */
export function clientMessages(): (chunk: Buffer) => ClientMessage[] {
  let rest = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const messages: ClientMessage[] = [];
    for (;;) {
      // Only the first message comes without a letter for its type.
      const typeBytes = started ? 1 : 0;
      if (rest.length < typeBytes + lengthBytes) return messages;
      const size = typeBytes + rest.readInt32BE(typeBytes);
      if (rest.length < size) return messages;
      const bytes = rest.subarray(0, size);
      rest = rest.subarray(size);
      const isAside = !started || aside.has(String.fromCharCode(bytes[0] ?? 0));
      started = true;
      messages.push({ bytes, text: isAside ? null : bytes.toString('utf8', typeBytes + lengthBytes) });
    }
  };
}
