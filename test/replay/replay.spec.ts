import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Worker, type WorkflowBundle } from '@temporalio/worker';
import { dataConverter } from '#temporal';
import { bundleWorkflows, installRuntime } from '#worker';
import { readHistory, recordingKey, type RecordedHistory } from './recording.ts';
import { recordings } from './recordings/index.ts';

/** A workflow that has begun goes on after a deployment: today's code must retell every recorded story. */
const folder = fileURLToPath(new URL('histories', import.meta.url));
const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.json')).sort();
let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  installRuntime({ logLevel: 'silent' }, { info() {}, warn() {} });
  workflowBundle = await bundleWorkflows();
}, 120_000);

const read = async (file: string): Promise<RecordedHistory> => JSON.parse(await readFile(`${folder}/${file}`, 'utf8'));

const replay = (recorded: RecordedHistory) =>
  Worker.runReplayHistory(
    { workflowBundle, dataConverter: dataConverter([Buffer.from(recordingKey, 'base64')]) },
    readHistory(recorded),
    recorded.workflowId,
  );

/** The types in the one entry of the bundle; the module itself runs only inside Temporal's sandbox. */
async function workflowTypes(): Promise<string[]> {
  const entry = await readFile(new URL('../../workflows/index.ts', import.meta.url), 'utf8');
  return [...entry.matchAll(/export \{ (\w+) \}/g)].flatMap(([, type]) => type ?? []);
}

describe('recorded histories', () => {
  it('exist for every workflow type, and for every path that is known', async () => {
    const recorded = new Set(files.map((file) => basename(file).split('.')[0]));
    const types = await workflowTypes();
    expect(types).toContain('elevation');
    expect(types.filter((type) => !recorded.has(type))).toEqual([]);
    const known = Object.entries(recordings).flatMap(([type, paths]) =>
      Object.keys(paths).map((path) => `${type}.${path}.json`),
    );
    expect(known.filter((file) => !files.includes(file))).toEqual([]);
  });

  it.each(files)('%s is retold by the code of today', async (file) => {
    await expect(replay(await read(file))).resolves.toBeUndefined();
  });

  it('are told from a story that the code would not tell', async () => {
    const recorded = await read('elevation.denied.json');
    const other = JSON.stringify(recorded).replaceAll('"name":"elevation"', '"name":"invite"');
    await expect(replay(JSON.parse(other) as RecordedHistory)).rejects.toThrow();
  });
});
