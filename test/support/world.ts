import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { WorkflowBundle } from '@temporalio/worker';
import { createApi } from '#api';
import { decisionsWithFastPath } from '#composition';
import { completeConfig, loadConfig, type CompleteConfig } from '#config';
import type { Decisions } from '#decisions';
import { findFreePort, startMailCatcher, type MailCatcher } from '#local-stack';
import type { ResolveText } from '#outbound';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';
import { bundleWorkflows, startWorker, type RunningWorker } from '#worker';
import { HttpClient } from './http-client.ts';
import { createMigratedDatabase } from './migrated-database.ts';

export interface WorldOptions {
  /** Default: a worker runs. */
  worker?: boolean;
  temporalAddress?: string;
  environment?: Record<string, string>;
  /** Answers for the name servers. */
  resolveText?: ResolveText;
  /** What the service calls itself by; a passkey needs a name, since addresses have none of their own. */
  host?: '127.0.0.1' | 'localhost';
  /** Where the service finds its database instead: another way to the one it is given, or another, with the present schema. */
  databaseAt?: (databaseUrl: string) => string | Promise<string>;
}

/** A whole service on servers of its own: its database, its task queue, its mail server, an API and a worker. */
export interface World {
  config: CompleteConfig;
  api: NestExpressApplication;
  baseUrl: string;
  database: Database;
  decisions: Decisions;
  temporal: TemporalClient;
  mail: MailCatcher;
  /** A client with the support team's token; of one of the team, once there is one. */
  support: HttpClient;
  /** A client that has not signed in. */
  visitor: HttpClient;
  /** Undefined while none runs. */
  readonly runningWorker: () => RunningWorker | undefined;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  stop(): Promise<void>;
}

/** Built by the global setup; servers that were named by hand come without one. */
async function workflowBundle(): Promise<WorkflowBundle | { codePath: string }> {
  const codePath = process.env['COUNTERSIGN_TEST_WORKFLOW_BUNDLE'];
  return codePath ? { codePath } : bundleWorkflows();
}

function required(variable: string): string {
  const value = process.env[variable];
  if (!value)
    throw new Error(`${variable} is missing: run the tests through Jest, whose global setup starts the servers`);
  return value;
}

export async function createWorld({
  worker: withWorker = true,
  temporalAddress,
  environment = {},
  resolveText = async () => [],
  host = '127.0.0.1',
  databaseAt = (databaseUrl) => databaseUrl,
}: WorldOptions = {}): Promise<World> {
  const migrated = await createMigratedDatabase();
  const databaseUrl = await databaseAt(migrated.url);
  const mail = await startMailCatcher();
  const port = await findFreePort();
  const config = completeConfig(
    loadConfig({
      NODE_ENV: 'test',
      PORT: String(port),
      PUBLIC_URL: `http://${host}:${port}`,
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporalAddress ?? required('COUNTERSIGN_TEST_TEMPORAL_ADDRESS'),
      SMTP_URL: mail.smtpUrl,
      SUPPORT_TOKEN: randomBytes(24).toString('hex'),
      PAYLOAD_KEY: randomBytes(32).toString('base64'),
      SIGNING_KEY: randomBytes(32).toString('base64'),
      MINIMUM_DURATION_SECONDS: '1',
      TASK_QUEUE: migrated.name,
      // All people of a test file come from one address, and fast.
      REQUESTS_PER_MINUTE: '1000000',
      ASKS_PER_HOUR: '1000000',
      MAILS_PER_HOUR: '1000000',
      LOG_LEVEL: process.env['TEST_LOG'] ?? 'silent',
      ...environment,
    }),
  );
  const database = await Database.open({ databaseUrl });
  const temporal = TemporalClient.connect(config);
  const decisions = decisionsWithFastPath(config, database, temporal);
  const api = await createApi({ config, database, decisions, temporal, resolveText });
  await api.listen(port, '127.0.0.1');
  const baseUrl = `http://${host}:${(api.getHttpServer().address() as AddressInfo).port}`;

  let running: RunningWorker | undefined;
  const log = { info() {}, warn() {} };
  const world: World = {
    config,
    api,
    baseUrl,
    database,
    decisions,
    temporal,
    mail,
    support: new HttpClient(baseUrl, config.supportToken),
    visitor: new HttpClient(baseUrl, null),
    runningWorker: () => running,
    async startWorker() {
      running = await startWorker({
        config,
        database,
        decisions,
        temporal,
        workflowBundle: await workflowBundle(),
        log,
      });
    },
    async stopWorker() {
      await running?.stop();
      running = undefined;
    },
    async stop() {
      await world.stopWorker().catch(() => {});
      await api.close();
      await temporal.close();
      await database.close();
      await mail.stop();
      await migrated.drop();
    },
  };
  if (withWorker) await world.startWorker();
  return world;
}
