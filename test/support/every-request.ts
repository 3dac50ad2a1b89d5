import { randomUUID } from 'node:crypto';
import { asSystem } from '#persistence';
import { askFor, decide, setElevationStage, type ElevationStage } from './elevation-stage.ts';
import { isUnavailable, type FaultyWorld } from './faulty-world.ts';
import type { Answer } from './http-client.ts';
import { question } from './questions.ts';

/** Rows that must be there before the database goes, so that every kind of request has something to be about. */
export interface Prepared {
  /** Has a grant. */
  granted: ElevationStage;
  grantedId: string;
  /** Has an open request. */
  pending: ElevationStage;
  pendingId: string;
  /** Nobody has asked for anything. */
  fresh: ElevationStage;
}

export async function prepare({ world }: FaultyWorld): Promise<Prepared> {
  const granted = await setElevationStage(world);
  const grantedId = await askFor(granted);
  await decide(granted.admin, grantedId, 'approve');
  const pending = await setElevationStage(world);
  const pendingId = await askFor(pending);
  return { granted, grantedId, pending, pendingId, fresh: await setElevationStage(world) };
}

type Requests = Readonly<Record<string, () => Promise<Answer>>>;

/** One request of each kind, reading, asking, deciding and signing in. */
function requests({ world }: FaultyWorld, prepared: Prepared): Requests {
  const { granted, grantedId, pending, pendingId, fresh } = prepared;
  const key = () => ({ 'idempotency-key': randomUUID() });
  const { agent, admin, partnersAdmin, customerId } = fresh;
  return {
    'who am I': () => agent.http.get('/v1/me'),
    'a list': () => agent.http.get('/v1/elevations'),
    'one elevation': () => pending.agent.http.get(`/v1/elevations/${pendingId}`),
    members: () => admin.http.get(`/v1/organizations/${customerId}/members`),
    'effective access': () => admin.http.get(`/v1/organizations/${customerId}/effective-access`),
    'audit events': () => admin.http.get(`/v1/organizations/${customerId}/audit-events`),
    export: () => admin.http.get(`/v1/organizations/${customerId}/audit-events/export`),
    ask: () => agent.http.post('/v1/elevations', { customerId, reason: 'Phones do not register' }, key()),
    approve: () => pending.admin.http.post(`/v1/elevations/${pendingId}/approve`, {}),
    deny: () => pending.secondAdmin.http.post(`/v1/elevations/${pendingId}/deny`, {}),
    revoke: () => granted.admin.http.post(`/v1/elevations/${grantedId}/revoke`, {}),
    'help-desk session': () => agent.http.post('/v1/help-desk-sessions', { customerId, reason: 'Calls drop' }, key()),
    invite: () =>
      admin.http.post(
        `/v1/organizations/${customerId}/invites`,
        { email: `${randomUUID()}@people.example`, workspaceRole: 'full_access' },
        key(),
      ),
    'external request': () =>
      partnersAdmin.http.post('/v1/external-administrator-requests', { customerId, reason: 'Order 4711' }, key()),
    'sign in': () => world.visitor.post('/v1/sessions', { email: admin.email, password: 'a quiet river in June' }),
    'accept an invite': () =>
      world.visitor.post('/v1/invites/accept', {
        token: `cs_invite_${'a'.repeat(22)}_${'a'.repeat(43)}`,
        username: 'somebody',
        password: 'a quiet river in June',
      }),
    'create an organization': () =>
      world.support.post('/v1/organizations', {
        kind: 'partner',
        name: 'Northwind',
        slug: `northwind-${randomUUID()}`,
        loginMethods: ['password'],
        firstAdministrator: { email: `${randomUUID()}@people.example`, displayName: 'First' },
      }),
  };
}

function evaluations({ granted }: Prepared): Requests {
  const asked = question(granted.agent.accountId, 'write', 'devices', granted.customerId);
  return {
    'one evaluation': () => granted.agent.http.post('/access/v1/evaluation', asked),
    evaluations: () => granted.agent.http.post('/access/v1/evaluations', { evaluations: [asked, asked] }),
  };
}

const denied = { decision: false, context: { reasons: [{ kind: 'denial', id: 'unavailable' }] } };

export interface Away {
  /** Milliseconds of the slowest answer. */
  slowest: number;
  /** Requests that were not answered as they should be while nobody can reach the database, and how they were. */
  wrong: string[];
}

/** Sends a request of every kind at once, while the database cannot work. */
export async function sendEverything(faulty: FaultyWorld, prepared: Prepared): Promise<Away> {
  const slowest: number[] = [];
  const wrong: string[] = [];
  const timed = async (name: string, send: () => Promise<Answer>, isRight: (answer: Answer) => boolean) => {
    const start = performance.now();
    const answer = await send();
    slowest.push(performance.now() - start);
    if (!isRight(answer)) wrong.push(`${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  const isDenial = ({ status, headers, body }: Answer) => {
    const answers: unknown[] = body.evaluations ?? [body];
    return (
      status === 200 &&
      Number(headers.get('retry-after')) > 0 &&
      answers.every((answer) => JSON.stringify(answer) === JSON.stringify(denied))
    );
  };
  const { visitor } = faulty.world;
  await Promise.all([
    ...Object.entries(requests(faulty, prepared)).map(([name, send]) => timed(name, send, isUnavailable)),
    ...Object.entries(evaluations(prepared)).map(([name, send]) => timed(name, send, isDenial)),
    timed('ready', () => visitor.get('/health/ready'), isUnavailable),
    timed(
      'live',
      () => visitor.get('/health/live'),
      ({ status }) => status === 200,
    ),
  ]);
  return { slowest: Math.max(...slowest), wrong };
}

/** Reads, asks, decides and evaluates; throws where any of it does not work. */
export async function workAsUsual({ world }: FaultyWorld): Promise<{ stage: ElevationStage; id: string }> {
  const ready = await world.visitor.get('/health/ready');
  if (ready.status !== 200) throw new Error(`Ready answered ${ready.status}`);
  const stage = await setElevationStage(world);
  const id = await askFor(stage);
  await decide(stage.admin, id, 'approve');
  const asked = question(stage.agent.accountId, 'write', 'devices', stage.customerId);
  const evaluated = await stage.agent.http.post('/access/v1/evaluation', asked);
  if (evaluated.body.decision !== true) throw new Error(`Evaluation answered ${JSON.stringify(evaluated.body)}`);
  return { stage, id };
}

/** Whether the worker has done what it does beside the workflows: no nudge waits, and every event has its seal. */
export async function isWorkedOff({ database }: FaultyWorld, elevationId: string): Promise<boolean> {
  return database.transaction(asSystem, async (em) => {
    const open = await em.execute(
      `select 1 from workflow_nudge where row_id = ? and delivered_revision < requested_revision
       union all select 1 from audit_event where sealed_at is null`,
      [elevationId],
    );
    return open.length === 0;
  });
}
