/**
 * A worker as a process of its own that kills itself at one boundary of one activity, as a power cut would. The product
 * knows nothing of it: the activities are wrapped on their way into Temporal's worker.
 */
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { completeConfig, loadConfig } from '#config';
import { Database, MailDelivery, asSystem } from '#persistence';
import { TemporalClient } from '#temporal';
import { startWorker } from '#worker';
import { decisionsWithFastPath } from '#composition';
import { untilReachable } from '../../apps/worker/until-reachable.ts';

/** Where to die: `before deliverMail elevation.requested`, `after settleGrant expired`; null lets it live. */
export interface Fate {
  environment: Record<string, string>;
  workflowBundlePath: string;
  rowId: string;
  boundary: string | null;
}

const fate: Fate = JSON.parse(process.argv[2] ?? '');
const config = completeConfig(loadConfig(fate.environment));
const database = await Database.open({ databaseUrl: config.databaseUrl });
const sealerDatabase = config.sealerDatabaseUrl
  ? await Database.open({ databaseUrl: config.sealerDatabaseUrl })
  : undefined;

interface Input {
  elevationId?: string;
  sourceId?: string;
  rowId?: string;
  deliveryId?: string;
  kind?: string;
}

/** Which row an activity is about, and which mail where it is about one. */
async function aboutWhat({ elevationId, sourceId, rowId, deliveryId, kind }: Input) {
  if (!deliveryId) return { rowId: elevationId ?? sourceId ?? rowId, detail: kind ?? '' };
  const delivery = await database.transaction(asSystem, (em) => em.findOneOrFail(MailDelivery, { id: deliveryId }));
  return { rowId: delivery.rowId, detail: delivery.kind };
}

function dieAt(moment: string, rowId: string | undefined): void {
  if (rowId === fate.rowId && moment.trim() === fate.boundary) process.kill(process.pid, 'SIGKILL');
}

type Activity = (input: Input) => Promise<unknown>;

function mortal(name: string, activity: Activity): Activity {
  return async (input) => {
    const { rowId, detail } = await aboutWhat(input);
    dieAt(`before ${name} ${detail}`, rowId);
    const result = await activity(input);
    const status = (result as { status?: string } | undefined)?.status ?? detail;
    dieAt(`after ${name} ${status}`, rowId);
    return result;
  };
}

const create = Worker.create.bind(Worker);
Worker.create = (options: WorkerOptions) => {
  const activities = Object.entries(options.activities as Record<string, Activity>);
  return create({
    ...options,
    activities: Object.fromEntries(activities.map(([name, activity]) => [name, mortal(name, activity)])),
  });
};

const temporal = TemporalClient.connect(config);
const log = { info() {}, warn() {} };
await untilReachable(temporal, log, new AbortController().signal);
const worker = await startWorker({
  config,
  database,
  sealerDatabase,
  decisions: decisionsWithFastPath(config, database, temporal),
  temporal,
  workflowBundle: { codePath: fate.workflowBundlePath },
  log,
});
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
await worker.finished;
