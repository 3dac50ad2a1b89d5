import { randomUUID } from 'node:crypto';
import { lanes, milliseconds, processorTimeOf, untilQuiet, type Bench, type Row } from '../bench.ts';
import { expectReply } from '../http-caller.ts';
import { closedLoop, type Load } from '../load.ts';
import { inPairs, median, ratio, type Pairs } from '../pairs.ts';
import type { Desk } from '../stage.ts';
import type { BareDesk } from '../yardsticks/bare-schema.ts';
import { bareWrites, inTransaction } from '../yardsticks/bare-writes.ts';

export const verbs = ['ask', 'approve', 'revoke'] as const;
export type Verb = (typeof verbs)[number];
export type Decided = Record<Verb, Load>;

const idOf = (text: string): string => (JSON.parse(text) as { id: string }).id;
const reason = 'Phones do not register';

/** What one desk does through HTTP; the same requests to either server. */
interface Side {
  baseUrl: string;
  customerId: string;
  agentToken: string | null;
  adminToken: string | null;
}

const ourSide =
  ({ servers }: Bench) =>
  ({ customerId, agent, admin }: Desk): Side => ({
    baseUrl: servers.api.baseUrl,
    customerId,
    agentToken: agent.http.token,
    adminToken: admin.http.token,
  });

const bareSide =
  ({ bare }: Bench) =>
  ({ customerId, agent, admin }: BareDesk): Side => ({
    baseUrl: bare.baseUrl,
    customerId,
    agentToken: agent.token,
    adminToken: admin.token,
  });

export const ask = async ({ baseUrl, customerId, agentToken }: Side): Promise<string> =>
  idOf(await expectReply(201, baseUrl, 'POST', '/v1/elevations', agentToken, { customerId, reason }));

export const decide = async ({ baseUrl, adminToken }: Side, verb: 'approve' | 'revoke', id: string): Promise<string> =>
  expectReply(200, baseUrl, 'POST', `/v1/elevations/${id}/${verb}`, adminToken, {});

/** Asks at every desk, then approves everything, then revokes everything: one load for each verb. */
export async function decideEverywhere(
  sides: readonly Side[],
  inFlight: number,
  processorTime: () => Promise<number>,
  rest: () => Promise<void>,
): Promise<Decided> {
  const ids: string[] = [];
  const at = <T>(list: readonly T[], index: number): T => list[index] as T;
  const load = { inFlight, count: sides.length, processorTime };
  const asked = await closedLoop(load, async (index) => {
    ids[index] = await ask(at(sides, index));
  });
  await rest();
  const approved = await closedLoop(load, (index) => decide(at(sides, index), 'approve', at(ids, index)));
  await rest();
  const revoked = await closedLoop(load, (index) => decide(at(sides, index), 'revoke', at(ids, index)));
  return { ask: asked, approve: approved, revoke: revoked };
}

export const decideOurs = (bench: Bench, inFlight: number, count: number, rest = () => untilQuiet(bench)) =>
  decideEverywhere(
    bench.stage.desks(count).map(ourSide(bench)),
    inFlight,
    processorTimeOf(bench.servers.api.program),
    rest,
  );

const decideBare = (bench: Bench, inFlight: number, count: number) =>
  decideEverywhere(
    bench.bare.desks.slice(0, count).map(bareSide(bench)),
    inFlight,
    processorTimeOf(bench.bare.program),
    async () => {},
  );

export async function askBoth(bench: Bench, desks: Desk[], bareDesks: BareDesk[]): Promise<[string[], string[]]> {
  const ours = await Promise.all(desks.map(async (desk) => ask(ourSide(bench)(desk))));
  return [ours, await Promise.all(bareDesks.map(async (desk) => ask(bareSide(bench)(desk))))];
}

export async function decideBoth(
  bench: Bench,
  desks: Desk[],
  bareDesks: BareDesk[],
  [ours, theirs]: [string[], string[]],
  verb: 'approve' | 'revoke',
): Promise<void> {
  await Promise.all(desks.map((desk, index) => decide(ourSide(bench)(desk), verb, ours[index] ?? '')));
  await Promise.all(bareDesks.map((desk, index) => decide(bareSide(bench)(desk), verb, theirs[index] ?? '')));
}

/** The bare transactions of the same writes, in this process: what the database takes for it. */
async function bareTransactions({ bare, extent }: Bench): Promise<Decided> {
  const desks = bare.desks.slice(0, extent.decisions.inFlight);
  const ids = desks.map(() => randomUUID());
  const each = (work: (index: number) => Promise<void>) =>
    closedLoop({ inFlight: lanes, count: desks.length }, (index) => work(index));
  return {
    ask: await each((index) =>
      inTransaction(bare.pool, (client) => {
        const { partnerId, customerId, agent } = desks[index]!;
        return bareWrites.ask(client, { id: ids[index]!, partnerId, customerId, agentId: agent.id });
      }),
    ),
    approve: await each((index) =>
      inTransaction(bare.pool, (client) => bareWrites.approve(client, ids[index]!, desks[index]!.admin.id)),
    ),
    revoke: await each((index) =>
      inTransaction(bare.pool, (client) => bareWrites.revoke(client, ids[index]!, desks[index]!.admin.id)),
    ),
  };
}

/** Ours in the ordinary state of things; what other states are compared with. */
export interface Usual {
  alone: Decided[];
  inFlight: Decided[];
}

export async function measureDecisions(bench: Bench): Promise<{ rows: Row[]; usual: Usual }> {
  const { extent } = bench;
  const rest = () => untilQuiet(bench);
  const pairs = (inFlight: number, count: number) =>
    inPairs(
      extent.pairs,
      () => decideOurs(bench, inFlight, count),
      () => decideBare(bench, inFlight, count),
      rest,
    );
  // Both are warm before anything counts.
  await decideOurs(bench, lanes, extent.decisions.inFlight);
  for (let round = 0; round < 3; round += 1) await decideBare(bench, lanes, extent.decisions.inFlight);
  const alone = await pairs(1, extent.decisions.alone);
  const inFlight = await pairs(lanes, extent.decisions.inFlight);
  const sql = await bareTransactions(bench);

  const row = (verb: Verb, kind: 'alone' | 'inFlight' | 'processor'): Row => {
    const measured: Pairs<Decided> = kind === 'alone' ? alone : inFlight;
    const figure = (one: Decided) => (kind === 'processor' ? one[verb].processor : one[verb].p50);
    const what = {
      alone: `${verb}, 1 in flight, p50`,
      inFlight: `${verb}, ${lanes} in flight, p50`,
      processor: `${verb}, API processor time a request`,
    }[kind];
    return {
      id: `${verb}.${kind}`,
      what,
      ours: milliseconds(median(measured.ours.map(figure))),
      yardstick: milliseconds(median(measured.yardstick.map(figure))),
      against: 'bare http server',
      ratio: ratio(measured, figure),
      target: {
        alone: { ratio: 4, is: 'at most' as const },
        inFlight: null,
        processor: { ratio: 3, is: 'at most' as const },
      }[kind],
      ...(kind === 'inFlight' && { note: `bare SQL: ${milliseconds(sql[verb].p50)}` }),
    };
  };
  return {
    rows: (['processor', 'alone', 'inFlight'] as const).flatMap((kind) => verbs.map((verb) => row(verb, kind))),
    usual: { alone: alone.ours, inFlight: inFlight.ours },
  };
}

/** The same decisions in another state of things, against the usual one. */
export function rowOfState(id: string, state: string, kind: keyof Usual, usual: Usual, there: readonly Decided[]): Row {
  const meanOf = (one: Decided) => verbs.reduce((sum, verb) => sum + one[verb].p50, 0) / verbs.length;
  const [usually, now] = [median(usual[kind].map(meanOf)), median(there.map(meanOf))];
  return {
    id,
    what: `ask, approve, revoke, ${kind === 'alone' ? 1 : lanes} in flight, p50, ${state}`,
    ours: milliseconds(now),
    yardstick: milliseconds(usually),
    against: 'ours in the usual state',
    ratio: now / usually,
    target: { ratio: 1.3, is: 'at most' },
  };
}
