import { setTimeout as sleep } from 'node:timers/promises';
import { asSystem } from '#persistence';
import { perSecond, type Bench, type Row } from '../bench.ts';
import { expectReply } from '../http-caller.ts';
import { closedLoop } from '../load.ts';
import { decideOurs, rowOfState, type Decided, type Usual } from './decisions.ts';

const inFlight = 64;
const longestWait = 180_000;

interface Standing {
  /** Elevations of the burst that stand in the database. */
  written: number;
  /** Of those, the ones whose workflow has never been reached. */
  unstarted: number;
}

/**
 * So many asks at once. Nothing of what was accepted may be missing, and every workflow starts after. While the worker
 * works this off, people decide elsewhere: that is the busy worker of the table.
 */
export async function measureBurst(bench: Bench, usual: Usual): Promise<Row[]> {
  const { extent, servers, stage, say } = bench;
  const { database, baseUrl } = servers.api;
  const reserved = extent.decisions.alone;
  const desks = stage.desks(extent.burst + reserved).slice(reserved);
  const marker = 'Asked within a burst';
  const accepted = await closedLoop({ inFlight, count: desks.length }, (index) => {
    const { agent, customerId } = desks[index]!;
    const body = { customerId, reason: marker };
    return expectReply(201, baseUrl, 'POST', '/v1/elevations', agent.http.token, body);
  });
  say(`  ${accepted.count} asks accepted, ${perSecond(accepted.perSecond)}`);

  const busy: Decided[] = [];
  for (let round = 0; round < extent.pairs; round += 1) busy.push(await decideOurs(bench, 1, reserved, async () => {}));

  const standing = async (): Promise<Standing> =>
    database.transaction(asSystem, async (em) => {
      const [row] = await em.execute<Standing[]>(
        `select count(*)::int as written, count(*) filter (where coalesce(delivered_revision, 0) = 0)::int as unstarted
           from elevation left join workflow_nudge on workflow_id = 'elevation:' || elevation.id
          where reason = ?`,
        [marker],
      );
      return row ?? { written: 0, unstarted: 0 };
    });
  const begin = performance.now();
  let now = await standing();
  while (now.unstarted > 0 && performance.now() - begin < longestWait) {
    await sleep(500);
    now = await standing();
  }
  const started = await countWorkflows(bench);
  const allThere = now.written === accepted.count && now.unstarted === 0 && started >= accepted.count;
  return [
    {
      id: 'burst.rate',
      what: `burst of ${extent.burst} asks, ${inFlight} in flight, accepted`,
      ours: perSecond(accepted.perSecond),
      yardstick: '300/s',
      against: 'wanted',
      ratio: accepted.perSecond / 300,
      target: { ratio: 1, is: 'at least' },
      note: `${now.written} of ${accepted.count} written, ${now.unstarted} workflows not started, ${allThere ? 'nothing lost' : 'SOMETHING IS MISSING'}`,
    },
    rowOfState('decisions.worker-busy', 'while the worker works off the burst', 'alone', usual, busy),
  ];
}

async function countWorkflows({ servers }: Bench): Promise<number> {
  const { count } = await servers.temporalClient.client.workflow.count("WorkflowType = 'elevation'");
  return count;
}

/** Nobody needs Temporal to ask, approve or revoke: measured after it was stopped for good. */
export async function measureWithoutTemporal(bench: Bench, usual: Usual): Promise<Row[]> {
  const { extent, servers } = bench;
  await servers.worker.stop();
  await servers.temporal.stop();
  const rest = async () => {};
  const [alone, together]: [Decided[], Decided[]] = [[], []];
  for (let round = 0; round < extent.pairs; round += 1) {
    alone.push(await decideOurs(bench, 1, extent.decisions.alone, rest));
    together.push(await decideOurs(bench, 16, extent.decisions.inFlight, rest));
  }
  return [
    rowOfState('decisions.temporal-stopped.alone', 'Temporal stopped', 'alone', usual, alone),
    rowOfState('decisions.temporal-stopped.inFlight', 'Temporal stopped', 'inFlight', usual, together),
  ];
}
