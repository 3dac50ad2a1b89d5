/** A Temporal worker with the barest workflow and its activities. */
import { fileURLToPath } from 'node:url';
import { createMailSender } from '#mail';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { Pool } from 'pg';
import { barestActivities } from './barest-activities.ts';

const silent = () => {};
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
const mailSender = createMailSender({ smtpUrl: process.env['SMTP_URL'] ?? '', from: 'Bench <bench@bench.example>' });
const worker = await Worker.create({
  connection,
  taskQueue: 'barest',
  workflowBundle: await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('barest.workflow.ts', import.meta.url)),
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: console.error },
  }),
  activities: { ...barestActivities(pool, mailSender) },
  maxConcurrentLocalActivityExecutions: 50,
});
process.once('SIGTERM', () => worker.shutdown());
process.send?.('ready');
await worker.run();
process.exit();
