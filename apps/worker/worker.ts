import { NativeConnection, Worker, type WorkflowBundle } from '@temporalio/worker';
import { chatMessage, createActivities, securityEventToken, type Dependencies } from '#activities';
import { joinKeyRing, parseNamedKey, signingKeyFrom, type KnownWitness } from '#audit';
import { ConfigurationError, deriveKeys, type CompleteConfig } from '#config';
import { joinPayloadKeys, type Decisions } from '#decisions';
import { localAccounts, type IdentityDirectory } from '#identity';
import { createMailSender } from '#mail';
import type { Database } from '#persistence';
import { dataConverter, type TemporalClient } from '#temporal';
import { keepTellingFailures } from './failed-sign-ins.ts';
import { keepForgetting } from './forgetting.ts';
import { logActivities } from './log-activities.ts';
import { keepWorking, type Polling } from './keep-working.ts';
import { Pauses } from './pauses.ts';
import { keepReconciling } from './reconciling.ts';
import { keepRelaying } from './relay.ts';
import { installRuntime, type RuntimeLog } from './runtime.ts';
import { keepSealing } from './sealing.ts';
import { keepTerms } from './terms.ts';
import { keepDelivering } from './webhooks.ts';
import { keepWitnessing } from './witnessing.ts';
import { workflowBundleOf } from './workflow-bundle.ts';

export interface WorkerParts {
  config: CompleteConfig;
  database: Database;
  /** By the login that alone writes seals; default: `database`. */
  sealerDatabase?: Database;
  decisions: Decisions;
  temporal: TemporalClient;
  /** Who has an identity already; default: our own accounts. */
  directory?: IdentityDirectory;
  /** Built ahead in production; made from source where it is missing. */
  workflowBundle?: WorkflowBundle | { codePath: string };
  log: RuntimeLog;
}

export interface RunningWorker {
  /** Rejects when the worker broke; resolves when it was stopped. */
  readonly finished: Promise<void>;
  /** Whether it asks Temporal for tasks; not any more from the moment it was told to stop. */
  isPolling(): boolean;
  /** Finishes what is under way, at most ten seconds, then ends. */
  stop(): Promise<void>;
}

const shutdownGraceTime = '10 seconds';

/** Hosts workflows and activities, relays nudges that did not arrive, finds lost workflows, seals the audit trail and sends it to webhooks. */
export async function startWorker({
  config,
  database,
  sealerDatabase = database,
  decisions,
  temporal,
  directory,
  workflowBundle,
  log,
}: WorkerParts): Promise<RunningWorker> {
  installRuntime(config, log);
  await joinPayloadKeys(database, config.payloadKeys);
  // The key services of before signed with: what it signed goes on being valid.
  const derivedKeys = deriveKeys(config.payloadKeys, 'audit-checkpoint-signing').map(signingKeyFrom);
  await joinKeyRing(sealerDatabase, signingKeyFrom(config.signingKey), derivedKeys);
  const mailSender = createMailSender({
    smtpUrl: config.smtpUrl,
    requireTls: config.smtpRequireTls,
    from: config.mailFrom,
  });
  const bundle = workflowBundle ?? (await workflowBundleOf());
  const dependencies: Dependencies = {
    database,
    decisions,
    mailSender,
    publicUrl: config.publicUrl,
    mailDomain: new URL(config.publicUrl).hostname,
    mailsPerHour: config.mailsPerHour,
    inviteKeys: deriveKeys(config.payloadKeys, 'invite-links'),
    resetKeys: deriveKeys(config.payloadKeys, 'password-reset-links'),
    directory: directory ?? localAccounts(database),
  };
  const activities = createActivities(dependencies);
  let latest: Worker | undefined;
  const begin = async (): Promise<Polling> => {
    const connection = await NativeConnection.connect({ address: config.temporalAddress, ...config.temporalSecurity });
    const worker = await Worker.create({
      connection,
      namespace: config.temporalNamespace,
      taskQueue: config.taskQueue,
      workflowBundle: bundle,
      activities,
      interceptors: { activity: [logActivities(log)] },
      dataConverter: dataConverter(config.payloadKeys),
      shutdownGraceTime,
      // How long a workflow waits for a worker that is gone before any other may go on with it.
      stickyQueueScheduleToStartTimeout: '5 seconds',
      maxConcurrentActivityTaskExecutions: 50,
      maxConcurrentLocalActivityExecutions: 50,
    });
    latest = worker;
    return {
      ended: run(worker, connection),
      shutdown: () => {
        if (worker.getState() === 'RUNNING') worker.shutdown();
      },
    };
  };

  const first = await begin();
  const stopping = new AbortController();
  const working = new AbortController();
  const webhookPauses = new Pauses(500);
  const loops = [
    keepRelaying({ database, temporal, log, signal: stopping.signal }),
    keepReconciling({ database, temporal, log, signal: stopping.signal }),
    keepSealing({
      database: sealerDatabase,
      signingKey: config.signingKey,
      logName: new URL(config.publicUrl).host,
      log,
      signal: stopping.signal,
      // What was sealed here is sent from here: another worker may be looking only in two seconds.
      onSealed: () => webhookPauses.cutShort(),
    }),
    keepWitnessing({
      database: sealerDatabase,
      witnesses: config.witnesses.map(knownWitness),
      log,
      signal: stopping.signal,
    }),
    keepForgetting({ database, retention: config.retention, log, signal: stopping.signal }),
    keepTellingFailures({ database, log, signal: stopping.signal }),
    keepTerms({ database, decisions, log, signal: stopping.signal }),
    keepDelivering({
      database,
      decisions,
      sealingKeys: deriveKeys(config.payloadKeys, 'stored-secrets'),
      chatMessage: chatMessage(dependencies),
      securityEventToken: securityEventToken(dependencies, deriveKeys(config.payloadKeys, 'stored-secrets')),
      allowPrivate: config.allowPrivateAddresses,
      log,
      // At once, not after Temporal's part has ended: what is under way may itself take ten seconds.
      signal: AbortSignal.any([stopping.signal, working.signal]),
      pauses: webhookPauses,
    }),
  ];
  const host = async (): Promise<void> => {
    try {
      await keepWorking({ first, begin, temporal, log, signal: working.signal });
    } finally {
      stopping.abort();
      await Promise.all(loops);
      mailSender.close();
    }
  };
  const finished = host();
  // Whoever awaits `finished` hears of a failure; nobody awaiting it must not end the process.
  finished.catch(() => {});

  return {
    finished,
    isPolling: () => latest?.getState() === 'RUNNING',
    async stop() {
      working.abort();
      await finished;
    },
  };
}

async function run(worker: Worker, connection: NativeConnection): Promise<void> {
  try {
    await worker.run();
  } finally {
    await connection.close();
  }
}

/** Config knows the form of the words only; a key whose id does not fit is found here. */
function knownWitness({ url, key }: CompleteConfig['witnesses'][number]): KnownWitness {
  const named = parseNamedKey(key);
  if (named?.type === 'cosignature') return { url, key: named };
  throw new ConfigurationError([
    { variable: 'WITNESS_KEYS', problem: `holds ${key}, which is no witness's key`, nextStep: 'Copy it anew, whole' },
  ]);
}
