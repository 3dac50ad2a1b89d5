import { DefaultLogger, makeTelemetryFilterString, Runtime, type LogLevel } from '@temporalio/worker';
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

let installed = false;

/**
 * Sets up Temporal's runtime, once per process. It stays out of the way of signals: the process decides when it ends,
 * and ends the worker first.
 */
export function installRuntime({
  logLevel,
  temporalMetricsAddress: bindAddress,
}: Pick<CompleteConfig, 'logLevel' | 'temporalMetricsAddress'>): void {
  if (installed) return;
  installed = true;
  const level = levels[logLevel];
  const logger = level ? new DefaultLogger(level) : new DefaultLogger('ERROR', () => {});
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
