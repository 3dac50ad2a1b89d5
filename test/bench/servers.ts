import { randomBytes } from 'node:crypto';
import { completeConfig, loadConfig, type CompleteConfig } from '#config';
import {
  createTestDatabase,
  findFreePort,
  findTemporal,
  startPostgres,
  startTemporal,
  type Postgres,
  type Temporal,
} from '#local-stack';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { Mailboxes } from './mailboxes.ts';
import { Program } from './program.ts';

export interface Api {
  baseUrl: string;
  program: Program;
  database: Database;
  databaseUrl: string;
  config: CompleteConfig;
  environment: Record<string, string>;
}

/** Everything that runs while we measure, each in a process of its own. */
export interface Servers {
  postgres: Postgres;
  temporal: Temporal;
  temporalClient: TemporalClient;
  mailboxes: Mailboxes;
  smtpUrl: string;
  api: Api;
  worker: Program;
  /** Another API on an own database of the same PostgreSQL server. */
  startApi(database: string): Promise<Api>;
  /** Ended with the rest. */
  onStop(stop: () => Promise<unknown>): void;
  stop(): Promise<void>;
}

/** PostgreSQL that flushes as in production, Temporal, a mail server, the built API and the built worker. */
export async function startServers(
  onProgress: (message: string) => void,
  /** Of Node, for the API's process. */
  apiFlags: readonly string[] = [],
): Promise<Servers> {
  const started: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).toReversed())
      await end().catch((error: unknown) => onProgress(`While stopping: ${String(error)}`));
  };
  try {
    const postgres = await startPostgres({ durable: true });
    started.push(() => postgres.stop());
    const { path: executable } = await findTemporal({ onProgress });
    const temporal = await startTemporal({ executable });
    started.push(() => temporal.stop());

    const smtpPort = await findFreePort();
    const smtpUrl = `smtp://127.0.0.1:${smtpPort}`;
    const sink = Program.ofBench('The mail server', 'mail-sink.ts', { PORT: String(smtpPort) });
    started.push(() => sink.stop());
    const mailboxes = new Mailboxes();
    await sink.firstMessage();
    sink.onMessage((addresses) => {
      for (const address of addresses as string[]) mailboxes.arrived(address);
    });

    const supportToken = randomBytes(24).toString('hex');
    const payloadKey = randomBytes(32).toString('base64');
    const signingKey = randomBytes(32).toString('base64');
    const startApi = async (name: string): Promise<Api> => {
      const port = await findFreePort();
      const baseUrl = `http://127.0.0.1:${port}`;
      const databaseUrl = await createTestDatabase(postgres.adminUrl, name);
      const environment = {
        NODE_ENV: 'production',
        SMTP_REQUIRE_TLS: 'false',
        PORT: String(port),
        PUBLIC_URL: baseUrl,
        DATABASE_URL: databaseUrl,
        TEMPORAL_ADDRESS: temporal.address,
        TASK_QUEUE: name,
        SMTP_URL: smtpUrl,
        SUPPORT_TOKEN: supportToken,
        PAYLOAD_KEY: payloadKey,
        SIGNING_KEY: signingKey,
        REQUESTS_PER_MINUTE: '1000000',
        ASKS_PER_HOUR: '1000000',
        MAILS_PER_HOUR: '1000000',
        LOG_LEVEL: 'error',
      };
      const database = await Database.open({ databaseUrl, applicationName: 'bench' });
      started.push(() => database.close());
      await database.migrate();
      const program = Program.built(`The API on ${name}`, 'apps/api/main.js', environment, apiFlags);
      started.push(() => program.stop());
      await program.untilAnswering(`${baseUrl}/health/ready`);
      return { baseUrl, program, database, databaseUrl, config: completeConfig(loadConfig(environment)), environment };
    };
    const api = await startApi('bench');

    const temporalClient = TemporalClient.connect(api.config);
    started.push(() => temporalClient.close());
    const workerPort = await findFreePort();
    const worker = Program.built('The worker', 'apps/worker/main.js', {
      ...api.environment,
      WORKER_PORT: String(workerPort),
    });
    started.push(() => worker.stop());
    await worker.untilAnswering(`http://127.0.0.1:${workerPort}/health/ready`);

    return {
      postgres,
      temporal,
      temporalClient,
      mailboxes,
      smtpUrl,
      api,
      worker,
      startApi,
      onStop: (end) => void started.push(end),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
