import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Connection } from '@temporalio/client';

import { assertPortFree, findFreePort, PortTakenError } from './port.ts';
import { type OnProgress, silently } from './progress.ts';
import { endFormerServer } from './running-process.ts';
import { ServerProcess } from './server-process.ts';

const READY_WITHIN_MILLISECONDS = 60_000;

export interface TemporalOptions {
  /** Path of the Temporal CLI, from `findTemporal`. */
  readonly executable: string;
  /** SQLite file that keeps workflows across restarts; without it they go with the server. */
  readonly dataFile?: string;
  /** gRPC port of the frontend; any free one where it is missing. */
  readonly port?: number;
  /** Port of the web UI; without it there is none. */
  readonly uiPort?: number;
  /** Default: ['default']. */
  readonly namespaces?: readonly string[];
  readonly onProgress?: OnProgress;
}

export interface Temporal {
  /** host:port of the frontend. */
  readonly address: string;
  readonly uiUrl?: string;
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
  const { executable, dataFile, uiPort, namespaces = ['default'], onProgress = silently } = options;
  const port = options.port ?? (await findFreePort());
  const address = `127.0.0.1:${port}`;
  const pidFile = dataFile && `${dataFile}.pid`;

  const start = async (): Promise<ServerProcess> => {
    if (dataFile && pidFile) {
      await mkdir(dirname(dataFile), { recursive: true });
      if (await endFormerServer(pidFile, dataFile)) onProgress('Ended a Temporal that a killed run had left behind');
    }
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
      await started.untilReady(() => knowsNamespaces(address, namespaces), READY_WITHIN_MILLISECONDS);
      return started;
    } catch (error) {
      await started.stop();
      throw /address already in use/i.test(started.output) ? new PortTakenError(port, 'TEMPORAL_ADDRESS') : error;
    }
  };

  let server = await start();
  return {
    address,
    uiUrl: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`,
    stop: async () => {
      await server.stop();
      if (pidFile) await rm(pidFile, { force: true });
    },
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await start();
    },
  };
}

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
