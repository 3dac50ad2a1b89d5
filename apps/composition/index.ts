/** What API, worker and command line are put together with: one way to decide, one register of figures. */
export { countUnavailable } from './counters.ts';
export { loadMatrices } from '#decisions';
export { decisionsWithFastPath } from './decisions.ts';
export { rotatePayloadKey } from './rotate-payload-key.ts';
export { register } from './process-metrics.ts';
export { createLog, loggedWith, loggingWith, type Log, type LogFields, type LogLevel } from './log.ts';
export { version } from './version.ts';
