import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const keptCharacters = 4_000;

/** A program of its own process, ended politely or with us. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #lastWords = '';
  readonly #endWithParent = () => this.#child.kill('SIGKILL');

  private constructor(
    readonly name: string,
    commandLine: readonly string[],
    environment: Record<string, string>,
  ) {
    this.#child = spawn(process.execPath, commandLine, {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const keep = (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-keptCharacters);
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#ended = once(this.#child, 'exit');
    process.once('exit', this.#endWithParent);
  }

  /** What `npm run build` made, as production runs it. */
  static built(
    name: string,
    file: string,
    environment: Record<string, string>,
    flags: readonly string[] = [],
  ): Program {
    return new Program(name, [...flags, `dist/${file}`], environment);
  }

  /** A program of the bench itself, from source: compiled while it starts, as fast as any other from then on. */
  static ofBench(name: string, file: string, environment: Record<string, string>): Program {
    const source = ['--conditions=source', '--import', './from-source.mjs', '--no-warnings'];
    return new Program(name, [...source, `test/bench/${file}`], environment);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.#child.pid;
  }

  get lastWords(): string {
    return this.#lastWords;
  }

  /** Hears what the program sends over its channel. */
  onMessage(hear: (message: unknown) => void): void {
    this.#child.on('message', hear);
  }

  /** Resolves with the first message, which says that it is ready. */
  async firstMessage(): Promise<unknown> {
    const [message] = (await Promise.race([once(this.#child, 'message'), this.failed()])) as unknown[];
    return message;
  }

  async untilAnswering(url: string): Promise<void> {
    const answered = async () => {
      while (
        !(await fetch(url).then(
          (answer) => answer.ok,
          () => false,
        ))
      )
        await sleep(50);
    };
    await Promise.race([answered(), this.failed()]);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), 12_000);
    await this.#ended;
    clearTimeout(insist);
    process.off('exit', this.#endWithParent);
  }

  private async failed(): Promise<never> {
    await this.#ended;
    throw new Error(`${this.name} ended. Its last words:\n${this.#lastWords}`);
  }
}
