import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { readPostgresAddress } from '#config';
import type { DatabaseOptions } from './orm.ts';
import { patience } from './patience.ts';

const channel = 'countersign_changes';
const retryMilliseconds = 1_000;
/** So long what is to be told waits for more of it: a message each would cost a busy service as much as its decisions. */
const gatherMilliseconds = 10;

/**
 * Tells all processes which rows have changed, and hears it from them, on a connection of its own. It is for those who
 * wait at this moment and promises nothing: what is told while a connection is away is lost, and behind a pooler that
 * lends connections by transaction nothing is heard at all, so whoever listens looks by the clock, too.
 */
export class Changes {
  private readonly listeners = new Map<string, Set<() => void>>();
  private connecting: Promise<Client> | null = null;
  private isListening = false;
  /** Whether a change is told at once; else whoever waits must look more often. */
  isHearing = false;
  private socket = new Socket();
  private isClosed = false;
  private untold: string[] = [];

  constructor(private readonly options: DatabaseOptions) {}

  /** Returns at once; never throws. To be called after the commit: within, it would hold up every other commit. */
  tell(rowIds: readonly string[]): void {
    if (rowIds.length === 0 || this.isClosed) return;
    this.untold.push(...rowIds);
    if (this.untold.length === rowIds.length) setTimeout(() => void this.tellAll(), gatherMilliseconds).unref();
  }

  /** Calls the listener whenever the row may have changed, until the returned function is called. */
  listen(rowId: string, listener: () => void): () => void {
    const listeners = this.listeners.get(rowId) ?? new Set();
    this.listeners.set(rowId, listeners.add(listener));
    if (!this.isListening) void this.keepHearing();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(rowId);
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const client = await this.connecting?.catch(() => null);
    await client?.end().catch(() => {});
  }

  private async tellAll(): Promise<void> {
    if (this.isClosed) return;
    try {
      const client = await this.connection();
      const rowIds = [...new Set(this.untold.splice(0))];
      await client.query(`select pg_notify('${channel}', id) from unnest($1::text[]) id`, [rowIds]);
    } catch {
      this.untold = [];
      // Away, or silent: the next word takes another connection.
      this.socket.destroy();
    }
  }

  private async keepHearing(): Promise<void> {
    this.isListening = true;
    while (this.listeners.size > 0 && !this.isClosed) {
      try {
        const client = await this.connection();
        const lost = new Promise<void>((resolve) => void client.once('end', resolve));
        client.on('notification', ({ payload }) => this.hear(payload ?? ''));
        await client.query(`listen ${channel}`);
        this.isHearing = true;
        // Whatever was told before we listened was not heard.
        for (const rowId of this.listeners.keys()) this.hear(rowId);
        await lost;
      } catch {
        // The clock serves whoever waits.
      }
      this.isHearing = false;
      await sleep(retryMilliseconds, undefined, { ref: false });
    }
    this.isListening = false;
  }

  private hear(rowId: string): void {
    for (const listener of this.listeners.get(rowId) ?? []) listener();
  }

  private connection(): Promise<Client> {
    this.connecting ??= this.connect();
    return this.connecting;
  }

  private connect(): Promise<Client> {
    const { databaseUrl, applicationName = 'countersign' } = this.options;
    const { url, tls } = readPostgresAddress(databaseUrl);
    const socket = new Socket();
    this.socket = socket;
    const client = new Client({
      stream: () => socket,
      connectionString: url,
      ssl: tls,
      application_name: applicationName,
      connectionTimeoutMillis: patience.connect,
      query_timeout: patience.statement,
      keepAlive: true,
      keepAliveInitialDelayMillis: patience.idle,
    });
    const forget = () => {
      if (this.connecting === connecting) this.connecting = null;
    };
    client.on('error', () => socket.destroy());
    client.once('end', forget);
    const connecting = (async () => {
      await client.connect();
      // Nothing that is told is worth waiting for a disk.
      await client.query('set synchronous_commit = off');
      return client;
    })();
    connecting.catch(forget);
    return connecting;
  }
}
