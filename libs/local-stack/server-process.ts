import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

const KEPT_LINES = 40;

/** A server run as a child process: its last words are kept for the error message, its end can be awaited. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output: string[] = [];
  /** A crash explains itself in its first lines; the stack behind them may be long. */
  #opening: string[] = [];
  readonly #endWithParent = () => this.#child.kill('SIGINT');
  readonly #watch: ChildProcess | undefined;

  constructor(
    readonly name: string,
    executable: string,
    commandLine: readonly string[],
    options: SpawnOptions = {},
  ) {
    // A process group of its own: Ctrl-C reaches the application only, which then ends its servers in the right order.
    this.#child = spawn(executable, commandLine, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => {
      const lines = chunk.toString('utf8').split('\n').filter(Boolean);
      this.#opening = [...this.#opening, ...lines].slice(0, KEPT_LINES);
      this.#output = [...this.#output, ...lines].slice(-KEPT_LINES);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#ended = once(this.#child, 'close').catch((error: unknown) => {
      this.#output.push(String(error));
    });
    process.once('exit', this.#endWithParent);
    this.#watch = this.#child.pid === undefined ? undefined : endWhenWeDie(this.#child.pid);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines it wrote, oldest first. */
  get output(): string {
    return this.#output.join('\n');
  }

  /** The line that says what went wrong: the first that complains, else the first; null where it said nothing. */
  get complaint(): string | null {
    const complains = (line: string) => /error|fail|panic|fatal|unable|cannot|in use/i.test(line);
    const line = this.#opening.find(complains) ?? this.#output.find(complains) ?? this.#opening[0];
    return line?.trim() ?? null;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Calls `isReady` until it says so. @throws when the process ends first or `timeoutMilliseconds` pass */
  async untilReady(isReady: () => Promise<boolean>, timeoutMilliseconds: number): Promise<void> {
    const deadline = Date.now() + timeoutMilliseconds;
    while (!(await Promise.race([isReady(), this.#ended.then(() => false)]))) {
      if (!this.isRunning) throw new Error(`${this.name} ended while starting. Its last words:\n${this.output}`);
      if (Date.now() > deadline) {
        throw new Error(
          `${this.name} was not ready after ${timeoutMilliseconds / 1000} s. Its last words:\n${this.output}`,
        );
      }
      await Promise.race([this.#ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  }

  /** Ends it with SIGINT, which lets PostgreSQL and Temporal finish their writes; SIGKILL after `graceMilliseconds`. */
  async stop(graceMilliseconds = 10_000): Promise<void> {
    if (this.isRunning) this.#child.kill('SIGINT');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), graceMilliseconds);
    await this.#ended;
    clearTimeout(insist);
    this.#forget();
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    if (this.isRunning) this.#child.kill('SIGKILL');
    await this.#ended;
    this.#forget();
  }

  #forget(): void {
    process.off('exit', this.#endWithParent);
    this.#watch?.kill('SIGKILL');
  }
}

/**
 * A process that was killed hard can end nothing any more. So a shell waits at a pipe that closes with this process, whatever ends it,
 * and then ends the server.
 */
function endWhenWeDie(pid: number): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const script = 'read -r _; kill -INT "$1"';
  const watch = spawn('/bin/sh', ['-c', script, 'countersign-watch', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Where there is no shell the next start ends what was left behind.
  watch.on('error', () => undefined);
  watch.unref();
  if (watch.stdin instanceof Socket) watch.stdin.unref();
  return watch;
}
