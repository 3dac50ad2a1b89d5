export { startWorker, type RunningWorker, type WorkerParts } from './worker.ts';
export { bundleWorkflows } from './workflow-bundle.ts';
export { installRuntime } from './runtime.ts';
