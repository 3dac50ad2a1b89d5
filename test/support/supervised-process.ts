import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { World } from './world.ts';

/** A world's configuration as a process of its own reads it. */
export function environmentOf({ config }: Pick<World, 'config'>): Record<string, string> {
  return {
    NODE_ENV: 'test',
    PUBLIC_URL: config.publicUrl,
    DATABASE_URL: config.databaseUrl,
    TEMPORAL_ADDRESS: config.temporalAddress,
    SMTP_URL: config.smtpUrl,
    SUPPORT_TOKEN: config.supportToken,
    PAYLOAD_KEY: config.payloadKey.toString('base64'),
    SIGNING_KEY: config.signingKey.toString('base64'),
    MINIMUM_DURATION_SECONDS: '1',
    ASKS_PER_HOUR: String(config.asksPerHour),
    MAILS_PER_HOUR: String(config.mailsPerHour),
    TASK_QUEUE: config.taskQueue,
    LOG_LEVEL: 'silent',
  };
}

export interface ProgramOptions {
  environment: Record<string, string>;
  argument?: readonly string[];
  /** What it reads from standard input. */
  input?: string;
  /** Modules that are loaded before the program, by path. */
  preload?: readonly string[];
}

/** Runs a TypeScript program of this project from source; `program` is a path from this folder. */
export function runProgram(
  program: string,
  { environment, argument = [], input, preload = [] }: ProgramOptions,
): ChildProcess {
  const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--conditions=source',
      '--import',
      path('../../from-source.mjs'),
      ...preload.flatMap((file) => ['--import', path(file)]),
      '--no-warnings',
      path(program),
      ...argument,
    ],
    {
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    },
  );
  child.stdin?.end(input);
  return child;
}

const restartAfterMilliseconds = 300;
const keptCharacters = 4_000;

/** A program that is started again whenever it ends, as systemd or Kubernetes would, until it is stopped. */
export class SupervisedProcess {
  starts = 0;
  #child: ChildProcess | undefined;
  #lastWords = '';
  #stopped = false;
  #over: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly begin: () => ChildProcess,
  ) {}

  start(): void {
    this.#stopped = false;
    this.#over = this.#supervise();
  }

  async #supervise(): Promise<void> {
    while (!this.#stopped) {
      const child = this.begin();
      this.#child = child;
      this.starts += 1;
      const keep = (chunk: Buffer) => {
        this.#lastWords = (this.#lastWords + chunk.toString()).slice(-keptCharacters);
      };
      child.stdout?.on('data', keep);
      child.stderr?.on('data', keep);
      await once(child, 'exit');
      if (!this.#stopped) await sleep(restartAfterMilliseconds);
    }
  }

  /** Of its present life. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it wrote last, over all its lives. */
  get lastWords(): string {
    return this.#lastWords;
  }

  /** Ends it as a power cut would; the supervisor starts it again. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Ends it for good and politely. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#child?.kill('SIGTERM');
    const insist = setTimeout(() => this.#child?.kill('SIGKILL'), 15_000);
    await this.#over;
    clearTimeout(insist);
  }
}
