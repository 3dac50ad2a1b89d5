import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogEntry, type LogLevel } from '@temporalio/worker';
import type { LogFields } from '#composition';
import type { CompleteConfig } from '#config';

const levels: Readonly<Record<CompleteConfig['logLevel'], LogLevel | null>> = {
  trace: 'TRACE',
  debug: 'DEBUG',
  // What Temporal's SDK tells at INFO is its own coming and going.
  info: 'WARN',
  warn: 'WARN',
  error: 'ERROR',
  fatal: 'ERROR',
  silent: null,
};

/** What Temporal says of whom: ids and names of ours. Messages of errors quote values, so of an error its kind goes along. */
const told = [
  'workflowId',
  'runId',
  'workflowType',
  'activityType',
  'activityId',
  'attempt',
  'taskQueue',
  'sdkComponent',
];

type Say = (message: string, fields?: LogFields) => void;

export interface RuntimeLog {
  debug?: Say;
  info: Say;
  warn: Say;
  error?: Say;
}

function forward(log: RuntimeLog, { level, message, meta }: LogEntry): void {
  const of: Readonly<Record<string, unknown>> = meta ?? {};
  const fields: Record<string, string | number> = {};
  for (const name of told) {
    const value = of[name];
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  if (of['error'] instanceof Error) fields['error'] = of['error'].constructor.name;
  if (level === 'ERROR') return (log.error ?? log.warn)(message, fields);
  if (level === 'WARN') return log.warn(message, fields);
  if (level === 'INFO') return log.info(message, fields);
  log.debug?.(message, fields);
}

let installed = false;

/**
 * Sets up Temporal's runtime, once per process. It stays out of the way of signals: the process decides when it ends,
 * and ends the worker first.
 */
export function installRuntime(
  { logLevel, temporalMetricsAddress: bindAddress }: Pick<CompleteConfig, 'logLevel' | 'temporalMetricsAddress'>,
  log: RuntimeLog,
): void {
  if (installed) return;
  installed = true;
  const level = levels[logLevel];
  const logger = new DefaultLogger(level ?? 'ERROR', (entry) => level && forward(log, entry));
  // The native part would otherwise write to the terminal by itself, whatever level was chosen.
  const filter = makeTelemetryFilterString({ core: level ?? 'ERROR', other: 'ERROR' });
  // Temporal's part serves its metrics by itself; the SDK's other way, a buffer to be emptied, is still an experiment.
  const metrics = bindAddress ? { prometheus: { bindAddress } } : undefined;
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter }, ...(metrics && { metrics }) },
  });
}
