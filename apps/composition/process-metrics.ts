import { collectDefaultMetrics, register } from 'prom-client';

// API and worker may be one process, as on a laptop; its metrics are collected once.
collectDefaultMetrics();

/** What this process counts about itself. */
export { register };
