import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { personalDigest } from '#audit';
import { asSystem } from '#persistence';
import { organization, person, type Cast } from '../support/cast.ts';
import { eventually } from '../support/eventually.ts';
import { isThorough } from '../support/fault-trials.ts';
import { startProcessService, type ProcessService } from '../support/process-service.ts';

const size = isThorough ? 1_000_000 : 30_000;
const megabyte = 1024 * 1024;

let service: ProcessService;
let folder: string;
let organizationId: string;
let admin: Cast;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-trail-'));
  service = await startProcessService();
  organizationId = await organization(service, 'customer');
  admin = await person(service, 'Admin', [{ in: organizationId, roles: ['full_administrator'] }]);
}, 180_000);

afterAll(async () => {
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Events as the product records them, all at once: what differs is only how fast they came. */
async function recordMany(count: number): Promise<void> {
  const personal = { reason: 'Phones do not register', sourceAddress: '192.0.2.1' };
  const salt = randomUUID();
  const atOnce = 10_000;
  for (let left = count; left > 0; left -= atOnce) {
    await service.database.transaction(asSystem, (em) =>
      em.execute(
        `insert into audit_event (id, action, actor, organization_ids, subject, outcome, facts, personal, salt, personal_digest, at)
         select gen_random_uuid(), 'elevation.approved', ?::jsonb, array[?]::uuid[],
                jsonb_build_object('kind', 'elevation', 'id', gen_random_uuid()), 'success', '{"durationSeconds": 3600}',
                ?::jsonb, ?, ?, date_trunc('milliseconds', clock_timestamp())
           from generate_series(1, ?)`,
        [
          JSON.stringify({ kind: 'account', id: randomUUID(), by: 'full_administrator' }),
          organizationId,
          JSON.stringify(personal),
          salt,
          personalDigest(salt, personal),
          Math.min(atOnce, left),
        ],
      ),
    );
  }
}

async function sealed(): Promise<number> {
  const [row] = await service.database.transaction(asSystem, (em) =>
    em.execute<{ position: number }[]>('select position from audit_checkpoint where organization_id = ?', [
      organizationId,
    ]),
  );
  return row?.position ?? 0;
}

/** Resident memory of a process in bytes, as Linux tells it. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

/** From the export's first line; here nobody has tampered with it. */
async function publicKeyOf(file: string): Promise<string> {
  for await (const line of createInterface({ input: createReadStream(file) }))
    return JSON.parse(line).keys.at(-1).publicKey;
  throw new Error('The export is empty');
}

/** `countersign audit verify`, without any environment: offline, no service, no secrets. */
async function verify(file: string, publicKey: string): Promise<string> {
  const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const source = ['--conditions=source', '--import', pathOf('from-source.mjs'), '--no-warnings'];
  const child = spawn(
    process.execPath,
    [...source, pathOf('apps/cli/main.ts'), 'audit', 'verify', file, '--public-key', publicKey],
    { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'exit');
  return output;
}

describe('a large audit trail', () => {
  it(`of ${size} events is sealed, exported in constant memory and verified offline`, async () => {
    const started = performance.now();
    await recordMany(size);
    const recorded = performance.now();
    await eventually(async () => expect(await sealed()).toBe(size), 600_000);
    const sealedAt = performance.now();

    const file = join(folder, 'export.jsonl');
    const response = await fetch(`${service.baseUrl}/v1/organizations/${organizationId}/audit-events/export`, {
      headers: { authorization: `Bearer ${admin.http.token}` },
    });
    expect(response.status).toBe(200);
    const pid = service.api.pid ?? 0;
    const memory: number[] = [];
    const looking = setInterval(() => void memoryOf(pid).then((bytes) => memory.push(bytes)), 100);
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file));
    clearInterval(looking);
    const exported = performance.now();

    const output = await verify(file, await publicKeyOf(file));
    const verified = performance.now();
    expect(output).toBe(`Valid: ${size} events, sealed up to position ${size}.\n`);

    // What the second half of the stream added to the first half's peak: a heap that held the trail would double.
    const half = Math.floor(memory.length / 2);
    const growth = Math.max(...memory.slice(half)) - Math.max(...memory.slice(0, half), 0);
    expect(growth).toBeLessThan(128 * megabyte);
    const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
    process.stderr.write(
      `large trail: ${size} events recorded in ${seconds(started, recorded)} s, sealed ${seconds(recorded, sealedAt)} s later, ` +
        `exported in ${seconds(sealedAt, exported)} s with ${(Math.max(...memory) / megabyte).toFixed(0)} MiB resident at most ` +
        `(second half ${(growth / megabyte).toFixed(0)} MiB more), verified in ${seconds(exported, verified)} s\n`,
    );
  }, 1_200_000);
});
