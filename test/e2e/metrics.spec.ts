import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { concludeWith } from '#decisions';
import { asSystem } from '#persistence';
import { startHealthListener, type HealthListener } from '#worker';
import { askFor, decide, setElevationStage } from '../support/elevation-stage.ts';
import { eventually } from '../support/eventually.ts';
import { createFaultyWorld, type FaultyWorld } from '../support/faulty-world.ts';

let faulty: FaultyWorld;
let listener: HealthListener;

beforeAll(async () => {
  faulty = await createFaultyWorld({ environment: { WORKER_PORT: '0' } });
  const { config, database, temporal, runningWorker } = faulty.world;
  const started = await startHealthListener({ config, database, temporal, worker: runningWorker });
  if (!started) throw new Error('The listener was not asked for');
  listener = started;
}, 120_000);

afterAll(async () => {
  await listener?.close();
  await faulty?.stop();
});

async function scrape(baseUrl = faulty.world.baseUrl): Promise<string> {
  const answer = await fetch(`${baseUrl}/metrics`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
  return answer.text();
}

/** The value of one series, written as Prometheus shows it; undefined where there is none. */
function valueOf(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Longer than the API keeps its figures. */
const untilShown = (check: (text: string) => void) => eventually(async () => check(await scrape()), 25_000);

const anyId = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i;

describe('metrics of the API', () => {
  it('tell decisions and refusals by action, and requests by declared route, but no id', async () => {
    const stage = await setElevationStage(faulty.world);
    const id = await askFor(stage);
    expect((await stage.agent.http.post(`/v1/elevations/${id}/approve`, {})).status).toBe(403);
    await decide(stage.admin, id, 'approve');
    const before = await scrape();
    // The answer a client repeats is no second decision, and what was never decided is none at all.
    await decide(stage.admin, id, 'approve');
    expect((await stage.admin.http.post(`/v1/elevations/${id}/deny`, {})).status).toBe(409);
    expect((await faulty.world.visitor.get(`/nowhere/${randomUUID()}`)).status).toBe(404);
    expect((await faulty.world.visitor.get(`/v1/elevations/${id}`)).status).toBe(401);
    const text = await scrape();

    expect(valueOf(text, 'countersign_decisions_total{action="elevation.requested",outcome="success"}')).toBe(1);
    const approved = 'countersign_decisions_total{action="elevation.approved",outcome="success"}';
    expect([valueOf(before, approved), valueOf(text, approved)]).toEqual([1, 1]);
    expect(valueOf(text, 'countersign_decisions_total{action="elevation.approved",outcome="refused"}')).toBe(1);

    const approving = (status: number) => `{method="POST",route="/v1/elevations/:id/approve",status="${status}"}`;
    expect(valueOf(text, `http_requests_total${approving(200)}`)).toBe(2);
    expect(valueOf(text, `http_requests_total${approving(403)}`)).toBe(1);
    expect(valueOf(text, `http_request_duration_seconds_count${approving(200)}`)).toBe(2);
    expect(valueOf(text, 'http_requests_total{method="GET",route="/v1/elevations/:id",status="401"}')).toBe(1);
    expect(valueOf(text, 'http_requests_total{method="GET",route="unrouted",status="404"}')).toBe(1);
    expect(anyId.exec(text)?.[0]).toBeUndefined();
  });

  it('show a mail that could not be delivered, and a nudge that nobody delivered until a worker does', async () => {
    const { world } = faulty;
    const stage = await setElevationStage(world);
    world.mail.failNext(1, 'reject-5xx', stage.secondAdmin.email);
    const id = await askFor(stage);
    await untilShown((text) => {
      expect(valueOf(text, 'countersign_mails{status="undeliverable"}')).toBe(1);
      expect(valueOf(text, 'countersign_requests_pending{kind="elevation"}')).toBe(1);
      expect(valueOf(text, 'countersign_grants_live{kind="elevation"}')).toBe(1);
      expect(valueOf(text, 'countersign_workflow_nudges_undelivered')).toBe(0);
      expect(valueOf(text, 'countersign_audit_events_unsealed')).toBe(0);
    });

    await world.stopWorker();
    await decide(stage.agent, id, 'cancel');
    // As if an API had died between its commit and telling Temporal.
    await faulty.database.transaction(asSystem, (em) =>
      concludeWith(em, [], [{ workflowType: 'elevation', rowId: id }]),
    );
    await untilShown((text) => {
      expect(valueOf(text, 'countersign_workflow_nudges_undelivered')).toBe(1);
      expect(valueOf(text, 'countersign_workflow_nudges_oldest_seconds')).toBeGreaterThan(0);
      expect(valueOf(text, 'countersign_audit_events_unsealed')).toBe(1);
      expect(valueOf(text, 'countersign_requests_pending{kind="elevation"}')).toBe(0);
    });

    await world.startWorker();
    await untilShown((text) => {
      expect(valueOf(text, 'countersign_workflow_nudges_undelivered')).toBe(0);
      expect(valueOf(text, 'countersign_workflow_nudges_oldest_seconds')).toBe(0);
      expect(valueOf(text, 'countersign_audit_events_unsealed')).toBe(0);
    });
  }, 90_000);

  it('are told while PostgreSQL is away, without what only PostgreSQL knows', async () => {
    const { network, world } = faulty;
    expect(valueOf(await scrape(), 'countersign_database_up')).toBe(1);
    await network.refuse();
    try {
      expect((await world.support.get('/v1/organizations')).status).toBe(503);
      const text = await scrape();
      expect(valueOf(text, 'countersign_database_up')).toBe(0);
      expect(text).not.toContain('countersign_audit_events_unsealed');
      expect(valueOf(text, 'countersign_unavailable_total')).toBeGreaterThan(0);
      expect(text).toMatch(/^http_requests_total\{.*status="503"\} 1$/m);
    } finally {
      await network.pass();
    }
    await untilShown((text) => {
      expect(valueOf(text, 'countersign_database_up')).toBe(1);
      expect(text).toContain('countersign_audit_events_unsealed 0');
    });
  }, 60_000);
});

describe('the port of the worker', () => {
  const readiness = async () => {
    const answer = await fetch(`${listener.url}/health/ready`);
    const body: unknown = await answer.json();
    return { code: answer.status, body };
  };
  const up = { status: 'ok', polling: 'up', database: 'up', schema: 'current', temporal: 'up' };
  const ready = { code: 200, body: up };
  const notReady = (down: object) => ({ code: 503, body: { ...up, status: 'not_ready', ...down } });

  it('says that it is ready while it polls, and not before or after', async () => {
    const { world } = faulty;
    expect(await readiness()).toEqual(ready);
    await world.stopWorker();
    expect(await readiness()).toEqual(notReady({ polling: 'down' }));
    expect((await fetch(`${listener.url}/health/live`)).status).toBe(200);
    await world.startWorker();
    expect(await readiness()).toEqual(ready);
  }, 60_000);

  it('says that it is not ready, but alive, without the database', async () => {
    await faulty.network.refuse();
    try {
      expect(await readiness()).toEqual(notReady({ database: 'down', schema: undefined }));
      expect((await fetch(`${listener.url}/health/live`)).status).toBe(200);
    } finally {
      await faulty.network.pass();
    }
    await eventually(async () => expect(await readiness()).toEqual(ready));
  }, 60_000);

  it('tells what the process counts, and nothing else', async () => {
    const text = await scrape(listener.url);
    expect(valueOf(text, 'process_start_time_seconds')).toBeGreaterThan(0);
    expect(text).toContain('countersign_decisions_total');
    expect((await fetch(`${listener.url}/v1/me`)).status).toBe(404);
    expect((await fetch(`${listener.url}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  it('is not there where nobody asked for one', async () => {
    const { config, database, temporal, runningWorker } = faulty.world;
    const none = await startHealthListener({
      config: { ...config, workerPort: undefined },
      database,
      temporal,
      worker: runningWorker,
    });
    expect(none).toBeNull();
  });
});
