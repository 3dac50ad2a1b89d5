import { randomBytes } from 'node:crypto';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { findFreePort } from '#local-stack';
import { asSystem } from '#persistence';
import { workflowTypes } from '#contracts';
import { tellCanaryStory } from '../support/canary-story.ts';
import { eventually } from '../support/eventually.ts';
import { everythingInTemporal, everythingInTheDatabase, everythingSaidBy } from '../support/leak-places.ts';
import { dataKinds, formsOf, LeakSearch, secretKinds, type CanaryKind, type Sighting } from '../support/leak-search.ts';
import { runProgram } from '../support/supervised-process.ts';
import { createWorld, type World } from '../support/world.ts';

interface Holding {
  kinds: readonly CanaryKind[];
  why: string;
}

/** Which columns may hold what people are called, where they are reached and what they wrote, and why. */
const mayHold: Readonly<Record<string, Holding>> = {
  'account.display_name': { kinds: ['name'], why: 'what a person is called' },
  'account.email': { kinds: ['address'], why: 'where a person gets mails' },
  'activity.action': { kinds: ['name', 'address', 'reason'], why: 'what a service says was done' },
  'activity.resource': { kinds: ['name', 'address', 'reason'], why: 'what it says it was done to' },
  'activity.external_id': { kinds: ['header'], why: 'how the service knows the act' },
  'address_change.new_address': { kinds: ['address'], why: 'where a person wishes to get mails' },
  'address.address': { kinds: ['address'], why: 'main addresses and aliases, each used once' },
  'api_key.name': { kinds: ['name'], why: 'what a service is called' },
  'audit_event.personal': {
    kinds: ['name', 'address', 'reason'],
    why: 'who and why, apart from the facts, so that it can be erased without breaking the chain',
  },
  'change_request.about': { kinds: ['address'], why: 'one open appointment per person' },
  'change_request.change': { kinds: ['name', 'address'], why: 'whom the approver agrees to' },
  'change_request.reason': { kinds: ['reason'], why: 'the approver decides by it' },
  'change_request.decision_reason': { kinds: ['reason'], why: 'whoever proposed it is told' },
  'credential.username': { kinds: ['username'], why: 'people sign in by it' },
  'elevation.reason': { kinds: ['reason'], why: 'the approver decides by it' },
  'elevation.ticket': { kinds: ['ticket'], why: 'the approver decides by it' },
  'elevation.decision_reason': { kinds: ['reason'], why: 'the requester is told' },
  'external_administrator_request.customer_key': { kinds: ['address'], why: 'one open request per named domain' },
  'external_administrator_request.customer_domain': {
    kinds: ['address'],
    why: 'whom is asked, where only the domain is known',
  },
  'external_administrator_request.addressed_to': { kinds: ['address'], why: 'who of the customer is asked first' },
  'external_administrator_request.reason': { kinds: ['reason'], why: 'the approver decides by it' },
  'external_administrator_request.decision_reason': { kinds: ['reason'], why: 'the requester is told' },
  'failed_sign_in.login': {
    kinds: ['address', 'username'],
    why: 'as it was typed, until the worker has told the trails and forgets it',
  },
  'grant.end_reason': { kinds: ['reason'], why: 'both sides are told why an access was ended' },
  'group.name': { kinds: ['name'], why: 'what a group or team is called' },
  'help_desk_session.reason': { kinds: ['reason'], why: 'the customer sees why it was looked into' },
  'idempotency_record.key': { kinds: ['header'], why: 'chosen by the client, kept for a day' },
  'idempotency_record.response': {
    kinds: ['name', 'address', 'reason', 'ticket', 'header'],
    why: 'the answer that a repeated request gets again, kept for a day',
  },
  'invite.email': { kinds: ['address'], why: 'where the invite goes' },
  'invite.person_key': { kinds: ['address'], why: 'one open invite per person, also before there is an account' },
  'invite.display_name': { kinds: ['name'], why: 'whom the mail greets' },
  'invite_batch_row.input': {
    kinds: ['name', 'address'],
    why: 'the row as it was sent, to tell what was wrong with it',
  },
  'mail_delivery.address': { kinds: ['address'], why: 'where a mail goes while there is no account' },
  'mail_delivery.recipient_key': { kinds: ['address'], why: 'one mail per recipient' },
  'organization.name': { kinds: ['name'], why: 'what an organization is called' },
  'password_reset.address': { kinds: ['address'], why: 'as it was typed, until it was looked up' },
  'scim_token.name': { kinds: ['name'], why: 'what a directory is called' },
  'scim_user.address': { kinds: ['address'], why: 'where the invite of somebody in a directory goes' },
  'scim_user.display_name': { kinds: ['name'], why: 'what a directory calls somebody' },
  'scim_user.emails': { kinds: ['address'], why: 'as the directory reads them back' },
  'scim_user.external_id': { kinds: ['header'], why: 'how the directory knows somebody' },
  'scim_user.name': { kinds: ['name'], why: 'as the directory reads it back' },
  'scim_user.user_key': { kinds: ['address'], why: 'user names of a directory, each used once' },
  'scim_user.user_name': { kinds: ['address'], why: 'as the directory reads it back' },
  'session.user_agent': { kinds: ['header'], why: 'a person recognises their own sessions by it' },
  'support_action.act': { kinds: ['address'], why: 'where support is to have a sole Owner reached' },
  'webhook.description': { kinds: ['name'], why: 'what a webhook is for' },
  'webhook.url': { kinds: ['header'], why: 'where events are sent; chosen by the tenant' },
  'sso_identity.subject': { kinds: ['username'], why: 'what the identity provider calls a person' },
};

const failWorkflow = proto.temporal.api.enums.v1.CommandType.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION;

const search = new LeakSearch();
const planted = new LeakSearch();
const plantedInLogs = planted.make('token', 'in logs and metrics');
const processes: ChildProcess[] = [];

let world: World;
let baseUrl: string;
let saidByApi: () => string;
let saidByWorker: () => string;
let metrics: string;
let metricsOfWorker: string;
let metricsOfTemporalRuntime: string;
let refusals: string[];
let workflows: Awaited<ReturnType<typeof everythingInTemporal>>;
let columns: Map<string, string>;

const places = (sightings: Sighting[]) =>
  sightings.map(({ canary, place }) => `${canary.kind} (${canary.what}) in ${place}`);

beforeAll(async () => {
  // Database, mail server and queue; API and worker are processes of their own, at the level that says most.
  world = await createWorld({ worker: false });
  const port = await findFreePort();
  baseUrl = `http://127.0.0.1:${port}`;
  const workerUrl = `http://127.0.0.1:${await findFreePort()}`;
  const runtimeAddress = `127.0.0.1:${await findFreePort()}`;
  const { config } = world;
  const supportToken = search.watch('token', 'the support token', randomBytes(24).toString('hex'));
  search.watch('token', 'the payload key', config.payloadKey.toString('base64'));
  const signingKey = search.watch('token', 'the signing key', randomBytes(32).toString('base64'));
  const environment = {
    NODE_ENV: 'test',
    PORT: String(port),
    WORKER_PORT: new URL(workerUrl).port,
    TEMPORAL_METRICS_ADDRESS: runtimeAddress,
    PUBLIC_URL: baseUrl,
    DATABASE_URL: config.databaseUrl,
    TEMPORAL_ADDRESS: config.temporalAddress,
    SMTP_URL: config.smtpUrl,
    SUPPORT_TOKEN: supportToken,
    PAYLOAD_KEY: config.payloadKey.toString('base64'),
    SIGNING_KEY: signingKey,
    MINIMUM_DURATION_SECONDS: '1',
    REQUESTS_PER_MINUTE: '1000000',
    ASKS_PER_HOUR: '1000000',
    MAILS_PER_HOUR: '1000000',
    TASK_QUEUE: config.taskQueue,
    LOG_LEVEL: 'trace',
    PLANTED_CANARY: plantedInLogs,
  };
  const begin = (program: string) => {
    const child = runProgram(program, { environment, preload: ['./planted-canary.ts'] });
    processes.push(child);
    return { child, said: everythingSaidBy(child) };
  };
  const api = begin('../../apps/api/main.ts');
  const worker = begin('../../apps/worker/main.ts');
  [saidByApi, saidByWorker] = [api.said, worker.said];
  const untilReady = (url: string, said: () => string) =>
    eventually(async () => {
      const { status } = await fetch(`${url}/health/ready`);
      if (status !== 200) throw new Error(`Ready answers ${status}: ${said()}`);
    }, 60_000);
  await Promise.all([untilReady(baseUrl, saidByApi), untilReady(workerUrl, saidByWorker)]);

  refusals = await tellCanaryStory({ search, database: world.database, mail: world.mail, baseUrl, supportToken });
  const scrape = async (url: string) => (await fetch(`${url}/metrics`)).text();
  metrics = await scrape(baseUrl);
  metricsOfWorker = await scrape(workerUrl);
  metricsOfTemporalRuntime = await scrape(`http://${runtimeAddress}`);
  // Stopped in the ordinary way, so that last words are said and the last events sealed.
  for (const { child } of [worker, api]) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  workflows = await everythingInTemporal(world.temporal, config.taskQueue);
  columns = await everythingInTheDatabase(world.database);
}, 240_000);

afterAll(async () => {
  for (const child of processes) if (child.exitCode === null) child.kill('SIGKILL');
  await world?.stop();
});

describe('the search', () => {
  it('knows a value in every way it may be written down', () => {
    const value = 'Zq-5f2a_99+x/Y';
    const forms = formsOf(value);
    const written = [
      value,
      value.toUpperCase(),
      Buffer.from(value).toString('hex'),
      Buffer.from(value).toString('hex').toUpperCase(),
      encodeURIComponent(value),
      ...['', 'a', 'ab', 'abc'].flatMap((before) => {
        const bytes = Buffer.from(`${before}${value}, and more`);
        return [bytes.toString('base64'), bytes.toString('base64url')];
      }),
    ];
    expect(written.filter((text) => !forms.test(`{"x":"${text}"}`))).toEqual([]);
    expect(forms.test('Zq-5f2a_99+x/y'.slice(0, -1))).toBe(false);
  });

  it('finds what is planted in what the processes say, and in their metrics', () => {
    for (const [place, text] of [
      ['API', saidByApi()],
      ['worker', saidByWorker()],
      ['metrics', metrics],
      ['metrics of the worker', metricsOfWorker],
    ] as const)
      expect(planted.find(place, text)).toHaveLength(1);
    // Nothing can be planted in the native part; what it counts shows that it was looked at.
    expect(metricsOfTemporalRuntime).toMatch(/^temporal_workflow_completed\{.* [1-9]/m);
    for (const said of [saidByApi, saidByWorker])
      expect(said()).toMatch(/planted zq\w+out[^]*planted zq\w+err|planted zq\w+err[^]*planted zq\w+out/);
    // A worker at this level tells a lot; silence would mean that nobody listened.
    expect(saidByWorker().length).toBeGreaterThan(10_000);
  });

  it('finds what is planted in an id, a memo, a search attribute, an input, a signal, a failure and an end', async () => {
    const traps = new LeakSearch();
    const put = (what: string) => traps.make('reason', what);
    const { connection } = world.temporal.client;
    const namespace = world.config.temporalNamespace;
    // A client without our codec.
    const plain = new Client({ connection, namespace });
    const taskQueue = `${world.config.taskQueue}-planted`;
    const attribute = defineSearchAttributeKey('PlantedByATest', SearchAttributeType.KEYWORD);
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: { [attribute.name]: 2 } });
    const start = (workflowId: string) =>
      eventually(() =>
        plain.workflow.start('planted', {
          taskQueue,
          workflowId,
          args: [{ deep: [put('the input')] }],
          memo: { note: put('the memo') },
          typedSearchAttributes: [{ key: attribute, value: put('an attribute') }],
        }),
      );
    const failing = await start(`planted:${put('the id')}`);
    await failing.signal('nudge', put('a signal'));
    const { taskToken } = await connection.withDeadline(Date.now() + 20_000, () =>
      connection.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
    );
    const failure = { message: put('a failure'), stackTrace: put('its stack'), applicationFailureInfo: { type: 'x' } };
    await connection.workflowService.respondWorkflowTaskCompleted({
      namespace,
      taskToken,
      commands: [{ commandType: failWorkflow, failWorkflowExecutionCommandAttributes: { failure } }],
    });
    const ended = await start('planted:ended');
    await ended.terminate(put('the end'));
    const found = await eventually(async () => {
      const all = await everythingInTemporal(world.temporal, taskQueue);
      if (all.size < 2) throw new Error('The planted workflows are not listed yet');
      return [...all.values()].map(({ text }) => text).join('\n');
    });
    expect(traps.find('planted', found).map(({ canary }) => canary.what)).toEqual(
      traps.of(['reason']).map(({ what }) => what),
    );
  });

  it('finds what is planted in a column of any type', async () => {
    const traps = new LeakSearch();
    const [text, json, bytes, list, base64] = ['text', 'json', 'bytes', 'list', 'base64'].map((what) =>
      traps.make('name', what),
    );
    await world.database.transaction(asSystem, async (em) => {
      await em.execute('set local role none');
      await em.execute('create table planted (text text, json jsonb, bytes bytea, list text[], base64 text)');
      await em.execute('insert into planted values (?, ?::jsonb, ?::bytea, ?::text[], ?)', [
        text,
        JSON.stringify({ deep: [json] }),
        `\\x${Buffer.from(bytes ?? '').toString('hex')}`,
        `{${list}}`,
        Buffer.from(`x${base64}`).toString('base64'),
      ]);
    });
    const all = await everythingInTheDatabase(world.database);
    const found = [...all].flatMap(([column, values]) => traps.find(column, values));
    expect(found.map(({ canary, place }) => `${canary.what} in ${place.split(':')[0]}`)).toEqual(
      ['text', 'json', 'bytes', 'list', 'base64'].map((what) => `${what} in planted.${what}`),
    );
  });
});

describe('names, addresses, reasons, passwords and tokens', () => {
  it('went through every feature', () => {
    expect(new Set([...workflows.values()].map(({ type }) => type))).toEqual(new Set(Object.values(workflowTypes)));
    expect(search.of(['password']).length).toBeGreaterThan(5);
    expect(search.of(['token']).length).toBeGreaterThan(20);
    const inDatabase = new Set(
      [...columns].flatMap(([column, values]) => search.find(column, values)).map(({ canary }) => canary.kind),
    );
    expect([...inDatabase].sort()).toEqual([...dataKinds].sort());
  });

  it('are nowhere in Temporal: not in ids, memos, search attributes, histories', () => {
    expect(places([...workflows].flatMap(([id, { text }]) => search.find(id, text)))).toEqual([]);
  });

  it('are nowhere in what API and worker say', () => {
    expect(places([...search.find('API', saidByApi()), ...search.find('worker', saidByWorker())])).toEqual([]);
  });

  it('are nowhere in the metrics', () => {
    const all = [
      ...search.find('metrics', metrics),
      ...search.find('metrics of the worker', metricsOfWorker),
      ...search.find("metrics of Temporal's runtime", metricsOfTemporalRuntime),
    ];
    expect(places(all)).toEqual([]);
  });

  it('are, as passwords and tokens, in no column and in no refusal', () => {
    const secret = ({ canary }: Sighting) => secretKinds.some((kind) => kind === canary.kind);
    const inColumns = [...columns].flatMap(([column, values]) => search.find(column, values)).filter(secret);
    const inRefusals = refusals.flatMap((body) => search.find('refusal', body)).filter(secret);
    expect(places([...inColumns, ...inRefusals])).toEqual([]);
  });

  it('are, as data about people, in the columns that are there for them and in no other', () => {
    const holding = new Map<string, Set<CanaryKind>>();
    for (const [column, values] of columns) {
      for (const { canary } of search.find(column, values)) {
        if (!holding.has(column)) holding.set(column, new Set());
        holding.get(column)?.add(canary.kind);
      }
    }
    const unexpected = [...holding].flatMap(([column, kinds]) =>
      [...kinds].filter((kind) => !mayHold[column]?.kinds.includes(kind)).map((kind) => `${column}: ${kind}`),
    );
    expect(unexpected).toEqual([]);
    // A column that is on the list and not in the database says that the list is out of date.
    expect(Object.keys(mayHold).filter((column) => !columns.has(column))).toEqual([]);
  });
});
