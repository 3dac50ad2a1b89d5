export { startHealthListener, type HealthListener, type HealthListenerParts } from './health-listener.ts';
export { startWorker, type RunningWorker, type WorkerParts } from './worker.ts';
export { bundleWorkflows } from './workflow-bundle.ts';
export { installRuntime } from './runtime.ts';
