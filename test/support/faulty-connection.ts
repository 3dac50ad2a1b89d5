import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { clientMessages } from './postgres-messages.ts';

/** Where a connection breaks: at the n-th message from now on (from 1), or at the first one like that. */
export interface Break {
  at: number | RegExp;
  /** `before`: the server never gets the message. `after`: it does its work, and the answer is lost. */
  when: 'before' | 'after';
  /** `cut` resets both sides; `swallow` lets neither side hear anything any more, and tells neither. Default: cut. */
  how?: 'cut' | 'swallow';
}

interface Pair {
  client: Socket;
  server: Socket;
  /** Nothing goes through any more. */
  swallowed: boolean;
  /** The answer to this is not let through. */
  breaksAtAnswer: Break['how'] | null;
}

/** A network between the service and its PostgreSQL that may fail in every way a network does. */
export class FaultyConnection {
  private readonly pairs = new Set<Pair>();
  private readonly seen: string[] = [];
  private planned: Break | null = null;
  private delayMilliseconds = 0;
  private swallowsAll = false;

  private readonly proxy = createServer({ allowHalfOpen: false }, (client) => this.connect(client));
  private constructor(private readonly target: { host: string; port: number }) {}

  /** Begins to pass everything on to the server of the URL. */
  static async to(databaseUrl: string): Promise<FaultyConnection> {
    const { hostname, port } = new URL(databaseUrl);
    const connection = new FaultyConnection({ host: hostname, port: Number(port) });
    await connection.listen(0);
    return connection;
  }

  private port = 0;

  /** The same database, reached through here. */
  through(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.toString();
  }

  /** Everything that was planned or held back is over; connections that were swallowed stay so. */
  async pass(): Promise<void> {
    this.planned = null;
    this.delayMilliseconds = 0;
    this.swallowsAll = false;
    if (!this.proxy.listening) await this.listen(this.port);
  }

  /** Nobody listens any more, and whoever is connected is reset. */
  async refuse(): Promise<void> {
    const closed = once(this.proxy, 'close');
    this.proxy.close();
    this.cutAll();
    await closed;
  }

  /** Resets every connection; new ones are welcome. */
  cutAll(): void {
    for (const pair of this.pairs) this.cut(pair);
  }

  /** Every answer of the server comes so much later. */
  delay(milliseconds: number): void {
    this.delayMilliseconds = milliseconds;
  }

  /** Neither side hears anything any more, on the connections there are and on new ones. */
  swallow(): void {
    this.swallowsAll = true;
    for (const pair of this.pairs) pair.swallowed = true;
  }

  breakAt(planned: Break): void {
    this.seen.length = 0;
    this.planned = planned;
  }

  /** Whether what was planned has happened. */
  get hasBroken(): boolean {
    return this.planned === null;
  }

  /** Begins to write down the messages of clients, log-ins aside. */
  record(): void {
    this.seen.length = 0;
  }

  /** The first words of each, in their order. */
  recorded(): string[] {
    return [...this.seen];
  }

  async stop(): Promise<void> {
    if (this.proxy.listening) await this.refuse();
    this.cutAll();
  }

  private async listen(port: number): Promise<void> {
    this.proxy.listen(port, '127.0.0.1');
    await once(this.proxy, 'listening');
    this.port = (this.proxy.address() as AddressInfo).port;
  }

  private connect(client: Socket): void {
    const server = createConnection({ ...this.target, noDelay: true });
    client.setNoDelay(true);
    const pair: Pair = { client, server, swallowed: this.swallowsAll, breaksAtAnswer: null };
    this.pairs.add(pair);
    const messages = clientMessages();
    client.on('data', (chunk: Buffer) => {
      if (pair.swallowed) return;
      for (const { bytes, text } of messages(chunk)) if (!this.forward(pair, bytes, text)) return;
    });
    server.on('data', (chunk: Buffer) => this.answer(pair, chunk));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        // A network that swallows everything does not tell either that the other has hung up.
        if (pair.swallowed && one === client) return;
        this.pairs.delete(pair);
        other.destroy();
      });
    }
  }

  /** @returns whether the connection goes on */
  private forward(pair: Pair, bytes: Buffer, text: string | null): boolean {
    if (text !== null) {
      this.seen.push(text.slice(0, 80));
      const { planned } = this;
      const due =
        planned !== null && (typeof planned.at === 'number' ? this.seen.length === planned.at : planned.at.test(text));
      if (due) {
        this.planned = null;
        if (planned.when === 'before') {
          this.breakNow(pair, planned.how);
          return false;
        }
        pair.breaksAtAnswer = planned.how ?? 'cut';
      }
    }
    pair.server.write(bytes);
    return true;
  }

  private answer(pair: Pair, chunk: Buffer): void {
    if (pair.swallowed) return;
    if (pair.breaksAtAnswer) return this.breakNow(pair, pair.breaksAtAnswer);
    if (this.delayMilliseconds === 0) pair.client.write(chunk);
    else setTimeout(() => !pair.swallowed && pair.client.write(chunk), this.delayMilliseconds);
  }

  private breakNow(pair: Pair, how: Break['how']): void {
    if (how === 'swallow') pair.swallowed = true;
    else this.cut(pair);
  }

  private cut(pair: Pair): void {
    this.pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.destroy();
  }
}
