/**
 * `npm run histories:record [-- elevation]`: lets every path happen on real servers and keeps the histories that the
 * replay test checks. Record anew only for a new path, or when a patch changed the stories: then the former histories
 * move to a folder named for the patch and stay, as the proof that running workflows survive it.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findTemporal, startPostgres, startTemporal } from '#local-stack';
import { eventually } from '../support/eventually.ts';
import { recordingKey, writeHistory } from './recording.ts';
import { recordings } from './recordings/index.ts';

const folder = fileURLToPath(new URL('histories', import.meta.url));
const wanted = process.argv.slice(2);

const postgres = await startPostgres({ durable: false });
const { path: executable } = await findTemporal({ onProgress: console.error });
const temporal = await startTemporal({ executable });
process.env['COUNTERSIGN_TEST_DATABASE_URL'] = postgres.adminUrl;
process.env['COUNTERSIGN_TEST_TEMPORAL_ADDRESS'] = temporal.address;

try {
  const { createWorld } = await import('../support/world.ts');
  const world = await createWorld({ environment: { PAYLOAD_KEY: recordingKey, ATTACH_WITHOUT_APPROVAL: 'true' } });
  await mkdir(folder, { recursive: true });
  for (const [type, paths] of Object.entries(recordings)) {
    if (wanted.length > 0 && !wanted.includes(type)) continue;
    for (const file of await readdir(folder)) if (file.startsWith(`${type}.`)) await rm(`${folder}/${file}`);
    for (const [path, record] of Object.entries(paths)) {
      const workflowId = await record(world);
      const handle = world.temporal.client.workflow.getHandle(workflowId);
      // The workflow is started after the answer, not with it.
      await eventually(() => handle.result());
      const recorded = writeHistory(workflowId, await handle.fetchHistory());
      await writeFile(`${folder}/${type}.${path}.json`, `${JSON.stringify(recorded)}\n`);
      console.log(`${type}.${path}`);
    }
  }
  await world.stop();
} finally {
  await temporal.stop();
  await postgres.stop();
}
process.exit();
