import { lanes, milliseconds, perSecond, processorTimeOf, untilQuiet, type Bench, type Row } from '../bench.ts';
import { expectReply } from '../http-caller.ts';
import { closedLoop } from '../load.ts';
import { inPairs, median, ratio } from '../pairs.ts';
import { askBoth, decideBoth } from './decisions.ts';

/** OpenFGA on the same machine, asked a like question; measured once, by hand. */
const openFga = { perSecond: 1_405, p50: 1.1 };

export const evaluationOf = (customerId: string, accountId: string) => ({
  subject: { type: 'account', id: accountId },
  action: { name: 'write' },
  resource: { type: 'setting', id: 'devices', properties: { organizationId: customerId } },
});

/** "May I, now?" of people whom a live grant lets, asked by themselves. */
export async function measureEvaluation(bench: Bench): Promise<Row[]> {
  const { extent, servers, stage, bare } = bench;
  const desks = stage.desks(lanes);
  const bareDesks = bare.desks.slice(0, lanes);
  const asked = await askBoth(bench, desks, bareDesks);
  await decideBoth(bench, desks, bareDesks, asked, 'approve');
  const ours = async (_index: number, lane: number) => {
    const { agent, customerId } = desks[lane % lanes] ?? stage.desks(1)[0]!;
    const body = evaluationOf(customerId, agent.accountId);
    const text = await expectReply(200, servers.api.baseUrl, 'POST', '/access/v1/evaluation', agent.http.token, body);
    if (!text.includes('"decision":true')) throw new Error(`Not allowed: ${text}`);
  };
  const yardstick = async (_index: number, lane: number) => {
    const { agent, customerId } = bareDesks[lane % lanes]!;
    const body = evaluationOf(customerId, agent.id);
    const text = await expectReply(200, bare.baseUrl, 'POST', '/access/v1/evaluation', agent.token, body);
    if (!text.includes('"decision":true')) throw new Error(`Not allowed: ${text}`);
  };
  const measured = (inFlight: number) =>
    inPairs(
      extent.pairs,
      () =>
        closedLoop(
          { inFlight, milliseconds: extent.milliseconds, processorTime: processorTimeOf(servers.api.program) },
          ours,
        ),
      () =>
        closedLoop(
          { inFlight, milliseconds: extent.milliseconds, processorTime: processorTimeOf(bare.program) },
          yardstick,
        ),
      async () => {},
    );
  await untilQuiet(bench);
  // Both programs are warm before anything counts.
  for (const act of [ours, yardstick]) await closedLoop({ inFlight: lanes, milliseconds: extent.milliseconds }, act);
  const many = await measured(lanes);
  const alone = await measured(1);
  // The desks are left as they were found.
  await decideBoth(bench, desks, bareDesks, asked, 'revoke');
  await untilQuiet(bench);
  const rate = median(many.ours.map((one) => one.perSecond));
  const single = median(alone.ours.map((one) => one.p50));
  return [
    {
      id: 'evaluation.rate',
      what: `evaluation, ${lanes} in flight, one API process`,
      ours: `${perSecond(rate)} · p50 ${milliseconds(median(many.ours.map((one) => one.p50)))}`,
      yardstick: `${perSecond(median(many.yardstick.map((one) => one.perSecond)))} · p50 ${milliseconds(median(many.yardstick.map((one) => one.p50)))}`,
      against: 'bare http server',
      ratio: ratio(many, (one) => one.perSecond),
      target: { ratio: 0.5, is: 'at least' },
    },
    {
      id: 'evaluation.rate.openfga',
      what: `the same against OpenFGA's figure from the same machine`,
      ours: perSecond(rate),
      yardstick: perSecond(openFga.perSecond),
      against: 'OpenFGA, not of this run',
      ratio: rate / openFga.perSecond,
      target: { ratio: 1, is: 'at least' },
    },
    {
      id: 'evaluation.alone',
      what: 'evaluation, 1 in flight, p50',
      ours: milliseconds(single),
      yardstick: milliseconds(median(alone.yardstick.map((one) => one.p50))),
      against: 'bare http server',
      ratio: ratio(alone, (one) => one.p50),
      target: null,
      note: `OpenFGA: ${milliseconds(openFga.p50)}`,
    },
    {
      id: 'evaluation.processor',
      what: 'evaluation, API processor time a request',
      ours: milliseconds(median(many.ours.map((one) => one.processor))),
      yardstick: milliseconds(median(many.yardstick.map((one) => one.processor))),
      against: 'bare http server',
      ratio: ratio(many, (one) => one.processor),
      target: null,
    },
  ];
}
