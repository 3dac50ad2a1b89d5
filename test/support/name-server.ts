import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** What it says of a name: its TXT records, each of one or more strings; or how it fails. */
export type Said = readonly (string | readonly string[])[] | 'no-such-name' | 'broken' | 'silent';

export interface NameServer {
  /** For `Resolver.setServers`. */
  address: string;
  says(name: string, said: Said): void;
  /** How often it was asked for the name. */
  asked(name: string): number;
  stop(): Promise<void>;
}

const responseCodes = { ok: 0, broken: 2, 'no-such-name': 3 } as const;
const typeOfText = 16;

/** A name server on loopback (RFC 1035): answers questions for TXT records over UDP, one question a message. */
export async function startNameServer(): Promise<NameServer> {
  const zone = new Map<string, Said>();
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { name, end } = readName(message);
    questions.push(name);
    const said = message.readUInt16BE(end) === typeOfText ? (zone.get(name) ?? 'no-such-name') : [];
    if (said === 'silent') return;
    const records = typeof said === 'string' ? [] : said.map(writeRecord);
    const header = Buffer.alloc(12);
    header.writeUInt16BE(message.readUInt16BE(0), 0);
    // An authoritative answer, to a client that may have wished for recursion.
    header.writeUInt16BE(0x8580 | (typeof said === 'string' ? responseCodes[said] : responseCodes.ok), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([header, message.subarray(12, end + 4), ...records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    says: (name, said) => void zone.set(name.toLowerCase(), said),
    asked: (name) => questions.filter((one) => one === name.toLowerCase()).length,
    stop: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** The name of the only question, which begins after the header, and where it ends. */
function readName(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** Named by a pointer to the question; good for no time at all. */
function writeRecord(record: string | readonly string[]): Buffer {
  const strings = typeof record === 'string' ? [record] : record;
  const data = Buffer.concat(
    strings.map((text) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)])),
  );
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(typeOfText, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
