export { bundleWorkflows, startWorker, type RunningWorker, type WorkerParts } from './worker.ts';
