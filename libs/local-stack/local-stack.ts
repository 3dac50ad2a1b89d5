import { join, resolve } from 'node:path';
import { completeConfig, type CompleteConfig, type Config } from '#config';
import { ensureLaptopSecrets } from './laptop-secrets.ts';
import { errorCode } from './error-code.ts';
import { DataFolderError } from './local-stack-error.ts';
import { type MailCatcher, startMailCatcher } from './mail-catcher.ts';
import { assertPortFree, findFreePort, isPortFree, PortTakenError } from './port.ts';
import { startPostgres } from './postgres.ts';
import { type OnProgress, silently } from './progress.ts';
import { lockDataFolder } from './stack-lock.ts';
import { findTemporal } from './temporal-executable.ts';
import { endFormerTemporal, startTemporal } from './temporal.ts';

/** Ports people know; taken where they are free, for nothing breaks when they aren't. */
const customaryPorts = { temporal: 7233, temporalUi: 8233, smtp: 1025, mailPages: 8025 };

export interface LocalStackOptions {
  readonly config: Config;
  readonly onProgress?: OnProgress;
  /** Ends the start, with what runs for it. */
  readonly signal?: AbortSignal;
}

export interface LocalStack {
  /** With everything known: what the environment names, and what was started and generated beside it. */
  readonly config: CompleteConfig;
  readonly urls: {
    /** Absent where TEMPORAL_ADDRESS names a server. */
    readonly temporalUi?: string;
    /** The caught mails; absent where SMTP_URL names a server. */
    readonly mails?: string;
  };
  readonly mailCatcher?: MailCatcher;
  /** Ends everything in the reverse order of the start; once, however often it is called. */
  stop(): Promise<void>;
}

/**
 * Starts the servers and generates the secrets the environment doesn't name; state and secrets stay in DATA_DIR. A start that fails half-way ends what
 * it had started.
 * @throws LocalStackError that says what to do next; what the signal was aborted with
 */
export async function startLocalStack({
  config,
  onProgress = silently,
  signal,
}: LocalStackOptions): Promise<LocalStack> {
  // Before anything that takes its time: the API's port is the one that is usually taken.
  if (config.port !== 0) await assertPortFree(config.port, 'PORT');

  const started: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopInReverse(started));
  try {
    started.push(await lockDataFolder(config.dataDir));
    const needsSecrets = [config.payloadKey, config.supportToken, config.signingKey].includes(undefined);
    const secrets = needsSecrets ? await ensureLaptopSecrets(config.dataDir) : {};

    let databaseUrl: string | undefined;
    if (config.databaseUrl === undefined) {
      onProgress('Starting PostgreSQL');
      const dataDir = join(config.dataDir, 'postgres');
      const postgres = await startPostgres({ dataDir, database: 'countersign', onProgress });
      started.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }

    signal?.throwIfAborted();
    let temporalAddress: string | undefined;
    let temporalUi: string | undefined;
    if (config.temporalAddress === undefined) {
      // Before ports are judged: a killed run's server may hold them. And a port that was chosen is judged before a long search.
      const dataFile = join(config.dataDir, 'temporal.sqlite');
      await endFormerTemporal(dataFile, onProgress);
      await temporalUiPort(config.temporalUiPort);
      const { path: executable } = await findTemporal({ onProgress, signal });
      onProgress('Starting Temporal');
      const temporal = await startTemporal({
        executable,
        dataFile,
        choosePorts: async () => ({
          port: await findFreePort(customaryPorts.temporal),
          uiPort: await temporalUiPort(config.temporalUiPort),
        }),
        namespaces: [config.temporalNamespace],
        onProgress,
      });
      started.push(() => temporal.stop());
      temporalAddress = temporal.address;
      temporalUi = temporal.uiUrl;
    }

    let mailCatcher: MailCatcher | undefined;
    if (config.smtpUrl === undefined) {
      const catcher = await startMailCatcher({
        smtpPort: await findFreePort(customaryPorts.smtp),
        webPort: await findFreePort(customaryPorts.mailPages),
        dataFile: join(config.dataDir, 'mails.jsonl'),
      });
      started.push(() => catcher.stop());
      mailCatcher = catcher;
    }

    signal?.throwIfAborted();
    const embedded = { ...secrets, databaseUrl, temporalAddress, smtpUrl: mailCatcher?.smtpUrl };
    return {
      config: completeConfig(config, embedded),
      urls: { temporalUi, mails: mailCatcher?.webUrl },
      mailCatcher,
      stop,
    };
  } catch (error) {
    await stop().catch((failure: unknown) => onProgress(`While stopping: ${String(failure)}`));
    throw inWords(error, config.dataDir);
  }
}

/** What the system refuses about the data folder, as a sentence. Told by its shape, for an error may come from another realm. */
function inWords(error: unknown, dataDir: string): unknown {
  if (errorCode(error) === undefined) return error;
  const { path, message } = error as NodeJS.ErrnoException;
  if (path === undefined || !resolve(path).startsWith(resolve(dataDir))) return error;
  return new DataFolderError(`The data folder can't be used: ${message}`, { cause: error });
}

/** The customary port gives way silently; one that was chosen doesn't. */
async function temporalUiPort(wanted: number): Promise<number> {
  if (wanted === customaryPorts.temporalUi || wanted === 0) return findFreePort(wanted || undefined);
  if (!(await isPortFree(wanted))) throw new PortTakenError(wanted, 'TEMPORAL_UI_PORT');
  return wanted;
}

/** One server that doesn't stop is no reason to leave the others running. */
async function stopInReverse(started: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const stop of started.toReversed()) await stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, 'Not every embedded server stopped cleanly.');
}
