import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { LocalStackError } from './local-stack-error.ts';
import { assertPortFree, findFreePort, PortTakenError } from './port.ts';
import { type OnProgress, silently } from './progress.ts';
import { endFormerServer } from './running-process.ts';
import { ServerProcess } from './server-process.ts';

const READY_WITHIN_MILLISECONDS = 60_000;

/** Two that start at the same moment may choose the same free port; the server chooses some for itself, too. */
const TRIES = 5;

export interface TemporalPorts {
  /** gRPC port of the frontend. */
  readonly port: number;
  /** Port of the web UI; without it there is none. */
  readonly uiPort?: number;
}

/** Temporal ended while it started, or was not ready in time; says what it complained of and what to do. */
export class TemporalStartError extends LocalStackError {
  override readonly name = 'TemporalStartError';

  constructor(
    complaint: string | null,
    readonly isPortRace: boolean,
    options: ErrorOptions,
  ) {
    const next =
      'Start again; where it stays, set TEMPORAL_ADDRESS to a Temporal server that runs already, or DATA_DIR to another folder to start anew.';
    super(`Temporal did not start: ${complaint ?? 'it said nothing'}\n${next}`, options);
  }
}

export interface TemporalOptions {
  /** Path of the Temporal CLI, from `findTemporal`. */
  readonly executable: string;
  /** SQLite file that keeps workflows across restarts; without it they go with the server. */
  readonly dataFile?: string;
  /** Asked for each try; a free port for the frontend alone where it is missing. */
  readonly choosePorts?: () => Promise<TemporalPorts>;
  /** Default: ['default']. */
  readonly namespaces?: readonly string[];
  readonly onProgress?: OnProgress;
}

export interface Temporal {
  /** host:port of the frontend. */
  readonly address: string;
  readonly uiUrl?: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Ends it where it still runs and starts it on the same ports and file. */
  restart(): Promise<void>;
}

/**
 * Starts a Temporal dev server on loopback and waits until its frontend knows every namespace. A server that a killed run left on the
 * same file is ended first: SQLite has one writer.
 */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { executable, dataFile, namespaces = ['default'], onProgress = silently } = options;
  const choosePorts = options.choosePorts ?? anyPort;
  const pidFile = dataFile && pidFileOf(dataFile);
  if (dataFile) {
    await mkdir(dirname(dataFile), { recursive: true });
    await endFormerTemporal(dataFile, onProgress);
  }

  const start = async ({ port, uiPort }: TemporalPorts): Promise<ServerProcess> => {
    // Another Temporal on this port would answer in place of ours.
    await assertPortFree(port, 'TEMPORAL_ADDRESS');
    const started = new ServerProcess('Temporal', executable, [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${port}`,
      '--log-level=error',
      ...(uiPort === undefined ? ['--headless'] : [`--ui-port=${uiPort}`]),
      ...(dataFile ? ['--db-filename', dataFile] : []),
      ...namespaces.flatMap((namespace) => ['--namespace', namespace]),
    ]);
    try {
      if (pidFile && started.pid) await writeFile(pidFile, String(started.pid));
      await started.untilReady(() => knowsNamespaces(addressOf(port), namespaces), READY_WITHIN_MILLISECONDS);
      return started;
    } catch (cause) {
      await started.stop();
      const isPortRace = /address already in use|bind:/i.test(`${started.complaint}\n${started.output}`);
      throw new TemporalStartError(started.complaint, isPortRace, { cause });
    }
  };

  const startSomewhere = async () => {
    for (let attempt = 1; ; attempt += 1) {
      const chosen = await choosePorts();
      try {
        return { chosen, started: await start(chosen) };
      } catch (error) {
        const isRace = error instanceof PortTakenError || (error instanceof TemporalStartError && error.isPortRace);
        if (attempt === TRIES || !isRace) throw error;
        onProgress('Another program took a port that Temporal wanted; trying others');
      }
    }
  };

  const { chosen, started } = await startSomewhere();
  let server = started;
  return {
    address: addressOf(chosen.port),
    uiUrl: chosen.uiPort === undefined ? undefined : `http://127.0.0.1:${chosen.uiPort}`,
    get pid() {
      return server.pid;
    },
    stop: async () => {
      await server.stop();
      if (pidFile) await rm(pidFile, { force: true });
    },
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await start(chosen);
    },
  };
}

/** Ends the server that a killed run left on the file, and so gives its ports back. */
export async function endFormerTemporal(dataFile: string, onProgress: OnProgress): Promise<void> {
  if (await endFormerServer(pidFileOf(dataFile), dataFile)) {
    onProgress('Ended a Temporal that a killed run had left behind');
  }
}

const pidFileOf = (dataFile: string) => `${dataFile}.pid`;

const anyPort = async (): Promise<TemporalPorts> => ({ port: await findFreePort() });

const addressOf = (port: number) => `127.0.0.1:${port}`;

async function knowsNamespaces(address: string, namespaces: readonly string[]): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    try {
      for (const namespace of namespaces) await connection.workflowService.describeNamespace({ namespace });
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
