import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeConfig, loadConfig } from '#config';
import {
  findFreePort,
  findTemporal,
  startMailCatcher,
  startPostgres,
  startTemporal,
  type MailCatcher,
  type Postgres,
  type Temporal,
} from '#local-stack';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { makeDatabaseRoles } from './database-roles.ts';
import { eventually } from './eventually.ts';
import { HttpClient } from './http-client.ts';
import { migrate } from './migrated-database.ts';
import { runProgram, SupervisedProcess } from './supervised-process.ts';

export const victims = ['API', 'worker', 'Temporal', 'PostgreSQL'] as const;
export type Victim = (typeof victims)[number];

export interface ProcessServiceOptions {
  /** Added to the environment of API and worker. */
  environment?: Record<string, string>;
}

/**
 * A whole service in which every server is a process of its own that can be killed: PostgreSQL with every flush a
 * production server makes, Temporal on a file, API and worker under a supervisor, each signed in to the database as its
 * own role. Only the mail server lives here.
 */
export interface ProcessService {
  baseUrl: string;
  /** The tests' own way to the state; of no use while PostgreSQL is dead. */
  database: Database;
  temporal: TemporalClient;
  mail: MailCatcher;
  /** A client with the support team's token. */
  support: HttpClient;
  /** A client that has not signed in. */
  visitor: HttpClient;
  api: SupervisedProcess;
  worker: SupervisedProcess;
  /** Ends it with SIGKILL. API and worker come back by themselves. */
  kill(victim: Victim): Promise<void>;
  /** Brings a killed server back. */
  restore(victim: Victim): Promise<void>;
  untilReady(): Promise<void>;
  /** Starts API and worker anew with their clocks off by so many seconds. */
  setClocksOff(seconds: { api: number; worker: number }): Promise<void>;
  stop(): Promise<void>;
}

/** The postmaster's children end by themselves a moment after it was killed; until then nobody may take its place. */
async function startAgain(start: () => Promise<Postgres>): Promise<Postgres> {
  return eventually(start, 20_000);
}

export async function startProcessService({ environment = {} }: ProcessServiceOptions = {}): Promise<ProcessService> {
  const workflowBundlePath = process.env['COUNTERSIGN_TEST_WORKFLOW_BUNDLE'];
  if (!workflowBundlePath) throw new Error('Run it through Jest, whose global setup bundles the workflows');
  const folder = await mkdtemp(join(tmpdir(), 'countersign-processes-'));
  const mail = await startMailCatcher();
  const { path: executable } = await findTemporal({ onProgress: () => {} });
  const temporalServer: Temporal = await startTemporal({ executable, dataFile: join(folder, 'temporal.sqlite') });
  const postgresOptions = {
    dataDir: join(folder, 'postgres'),
    port: await findFreePort(),
  };
  let postgres = await startPostgres(postgresOptions);
  const logins = await makeDatabaseRoles(postgres.adminUrl);
  const port = await findFreePort();
  const baseUrl = `http://127.0.0.1:${port}`;
  const env: Record<string, string> = {
    NODE_ENV: 'test',
    PORT: String(port),
    PUBLIC_URL: baseUrl,
    DATABASE_URL: logins.api,
    TEMPORAL_ADDRESS: temporalServer.address,
    SMTP_URL: mail.smtpUrl,
    SUPPORT_TOKEN: randomBytes(24).toString('hex'),
    PAYLOAD_KEY: randomBytes(32).toString('base64'),
    SIGNING_KEY: randomBytes(32).toString('base64'),
    MINIMUM_DURATION_SECONDS: '1',
    REQUESTS_PER_MINUTE: '1000000',
    ASKS_PER_HOUR: '1000000',
    MAILS_PER_HOUR: '1000000',
    TASK_QUEUE: 'processes',
    LOG_LEVEL: 'error',
    ...environment,
  };
  const workerEnv = { ...env, DATABASE_URL: logins.worker, SEALER_DATABASE_URL: logins.sealer };
  const config = completeConfig(loadConfig(env));
  await migrate(logins.migrations);
  const database = await Database.open({ databaseUrl: logins.superuser });
  const temporal = TemporalClient.connect(config);

  const clocks = { api: 0, worker: 0 };
  const preload = ['./shifted-clock.mjs'];
  const api = new SupervisedProcess('API', () =>
    runProgram('../../apps/api/main.ts', {
      environment: { ...env, CLOCK_OFF_SECONDS: String(clocks.api) },
      preload,
    }),
  );
  const worker = new SupervisedProcess('worker', () =>
    runProgram('./worker-that-dies.ts', {
      environment: { CLOCK_OFF_SECONDS: String(clocks.worker) },
      preload,
      argument: [JSON.stringify({ environment: workerEnv, workflowBundlePath, rowId: '', boundary: null })],
    }),
  );
  api.start();
  worker.start();

  const service: ProcessService = {
    baseUrl,
    database,
    temporal,
    mail,
    support: new HttpClient(baseUrl, config.supportToken),
    visitor: new HttpClient(baseUrl, null),
    api,
    worker,
    async kill(victim) {
      if (victim === 'API') api.kill();
      if (victim === 'worker') worker.kill();
      if (victim === 'Temporal') await temporalServer.kill();
      if (victim === 'PostgreSQL') await postgres.kill();
    },
    async restore(victim) {
      if (victim === 'Temporal') await temporalServer.restart();
      if (victim === 'PostgreSQL') postgres = await startAgain(() => startPostgres(postgresOptions));
    },
    async untilReady() {
      await eventually(async () => {
        const status = await fetch(`${baseUrl}/health/ready`).then(
          (answer) => answer.status,
          () => 'nothing',
        );
        if (status !== 200) throw new Error(`The API answers ${status}. Its last words: ${api.lastWords}`);
      }, 60_000);
    },
    async setClocksOff(seconds) {
      await Promise.all([api.stop(), worker.stop()]);
      Object.assign(clocks, seconds);
      api.start();
      worker.start();
      await service.untilReady();
    },
    async stop() {
      await Promise.all([api.stop(), worker.stop()]);
      await temporal.close();
      await database.close();
      await temporalServer.stop();
      await postgres.stop();
      await mail.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await service.untilReady();
    return service;
  } catch (error) {
    await service.stop();
    throw error;
  }
}
