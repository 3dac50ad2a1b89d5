import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildHtmlTemplates } from '../../libs/mail/html-templates.ts';
import { describeMachine } from './machine.ts';

declare global {
  var countersignTestServers: ChildProcess | undefined;
}

/**
 * Builds the mails, and the client where there is none; says what the machine has; starts one PostgreSQL and one Temporal dev server for all test files and tells
 * their addresses in COUNTERSIGN_TEST_DATABASE_URL (superuser, to make databases from) and COUNTERSIGN_TEST_TEMPORAL_ADDRESS.
 * Where both are set already, those servers are used.
 */
export default async function startTestServers(): Promise<void> {
  await buildHtmlTemplates();
  await promisify(execFile)(process.execPath, [pathOf('../../packages/client/build.mjs'), '--if-missing']);
  console.error(await describeMachine());
  if (process.env['COUNTERSIGN_TEST_DATABASE_URL'] && process.env['COUNTERSIGN_TEST_TEMPORAL_ADDRESS']) return;
  const program = pathOf('test-servers.ts');
  const servers = fork(program, {
    execArgv: ['--conditions=source', '--import', pathOf('../../from-source.mjs'), '--no-warnings'],
    // What Jest needs of Node would only slow the servers' process down.
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  globalThis.countersignTestServers = servers;
  const [message] = await Promise.race([
    once(servers, 'message'),
    once(servers, 'exit').then(([code]) => {
      throw new Error(`The test servers did not start (code ${String(code)}); the reason stands above.`);
    }),
  ]);
  process.env['COUNTERSIGN_TEST_DATABASE_URL'] = message.databaseUrl;
  process.env['COUNTERSIGN_TEST_TEMPLATE_DATABASE'] = message.templateDatabase;
  process.env['COUNTERSIGN_TEST_TEMPORAL_ADDRESS'] = message.temporalAddress;
  process.env['COUNTERSIGN_TEST_WORKFLOW_BUNDLE'] = message.workflowBundlePath;
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
