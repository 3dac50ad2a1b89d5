import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { lanes, milliseconds, perSecond, processorTimes, untilQuiet, type Bench, type Row } from '../bench.ts';
import { closedLoop, type Load } from '../load.ts';
import { inPairs, median, ratio } from '../pairs.ts';
import { Program } from '../program.ts';
import type { BarestCase } from '../yardsticks/barest-activities.ts';
import { ask, decide } from './decisions.ts';

/** Whole stories with everything a person would see: a mail asks, a mail tells of the approval, two tell of the end. */
export async function measureCycles(bench: Bench): Promise<Row[]> {
  const { extent, servers, bare } = bench;
  const worker = Program.ofBench('The barest worker', 'yardsticks/barest-worker.ts', {
    DATABASE_URL: bare.databaseUrl,
    TEMPORAL_ADDRESS: servers.temporal.address,
    SMTP_URL: servers.smtpUrl,
  });
  servers.onStop(() => worker.stop());
  await worker.firstMessage();
  const connection = await Connection.connect({ address: servers.temporal.address });
  const client = new Client({ connection });

  const ours = () => closedLoop({ inFlight: lanes, count: extent.cycles }, (_, lane) => ourCycle(bench, lane));
  const barest = () =>
    closedLoop({ inFlight: lanes, count: extent.cycles }, (_, lane) => barestCycle(bench, client, lane));
  // Sticky caches, connections and compiled code are warm on both sides.
  bench.say(`  barest: ${perSecond((await barest()).perSecond)} while warming up`);
  bench.say(`  ours: ${perSecond((await ours()).perSecond)} while warming up`);
  await untilQuiet(bench);
  const before = await processorTimes(bench);
  await ours();
  await untilQuiet(bench);
  const after = await processorTimes(bench);
  const processor = (['api', 'worker', 'temporal', 'postgres'] as const).map(
    (part) => (after[part] - before[part]) / extent.cycles,
  ) as [number, number, number, number];

  const measured = await inPairs<Load>(extent.pairs, ours, barest, () => untilQuiet(bench));
  await connection.close();
  await worker.stop();
  return [
    {
      id: 'cycles.rate',
      what: `whole cycles with their four mails, ${lanes} in flight`,
      ours: perSecond(median(measured.ours.map((one) => one.perSecond))),
      yardstick: perSecond(median(measured.yardstick.map((one) => one.perSecond))),
      against: 'barest Temporal, local activities',
      ratio: ratio(measured, (one) => one.perSecond),
      target: { ratio: 0.8, is: 'at least' },
    },
    {
      id: 'cycles.processor',
      what: 'processor time a cycle, everything together',
      ours: milliseconds(processor.reduce((sum, one) => sum + one, 0)),
      yardstick: '',
      against: '',
      ratio: null,
      target: null,
      note: `API ${milliseconds(processor[0])}, worker ${milliseconds(processor[1])}, Temporal ${milliseconds(processor[2])}, PostgreSQL ${milliseconds(processor[3])}`,
    },
  ];
}

export async function ourCycle({ servers, stage }: Pick<Bench, 'servers' | 'stage'>, lane: number): Promise<void> {
  const { mailboxes, api } = servers;
  // Each lane has an agent and an administrator of its own, so a mail to them is about this story.
  const { customerId, agent, admin } = stage.desks(lanes)[lane]!;
  const side = { baseUrl: api.baseUrl, customerId, agentToken: agent.http.token, adminToken: admin.http.token };
  const [toAgent, toAdmin] = [mailboxes.countOf(agent.email), mailboxes.countOf(admin.email)];
  const id = await ask(side);
  await mailboxes.until(admin.email, toAdmin + 1);
  await decide(side, 'approve', id);
  await mailboxes.until(agent.email, toAgent + 1);
  await decide(side, 'revoke', id);
  await Promise.all([mailboxes.until(agent.email, toAgent + 2), mailboxes.until(admin.email, toAdmin + 2)]);
}

async function barestCycle({ servers: { mailboxes }, bare }: Bench, client: Client, lane: number): Promise<void> {
  const { partnerId, customerId, agent, admin } = bare.desks[lane]!;
  const one: BarestCase = {
    id: randomUUID(),
    partnerId,
    customerId,
    agentId: agent.id,
    adminId: admin.id,
    agentAddress: `agent-${lane}@bare.example`,
    adminAddress: `admin-${lane}@bare.example`,
  };
  const [toAgent, toAdmin] = [mailboxes.countOf(one.agentAddress), mailboxes.countOf(one.adminAddress)];
  const handle = await client.workflow.start('barest', {
    workflowId: `barest:${one.id}`,
    taskQueue: 'barest',
    args: [one],
  });
  await mailboxes.until(one.adminAddress, toAdmin + 1);
  await handle.signal('go');
  await mailboxes.until(one.agentAddress, toAgent + 1);
  await handle.signal('go');
  await Promise.all([mailboxes.until(one.agentAddress, toAgent + 2), mailboxes.until(one.adminAddress, toAdmin + 2)]);
}
