import { milliseconds, type Bench, type Row } from '../bench.ts';
import { expectReply } from '../http-caller.ts';
import { fillWithGrants, type Requester } from '../large-database.ts';
import { closedLoop, type Load } from '../load.ts';
import { inPairs, median, ratio } from '../pairs.ts';
import type { Api } from '../servers.ts';
import { evaluationOf } from './evaluation.ts';

const inFlight = 4;

/** Whether the thousandfold of grants and the hundredfold of organizations is felt by somebody who asks. */
export async function measureScale(bench: Bench): Promise<Row[]> {
  const { extent, servers, say } = bench;
  const { grants, organizations } = extent;
  const of = async (name: string, size: { grants: number; organizations: number }) => {
    const api = await servers.startApi(name);
    return { api, requesters: await fillWithGrants(api, size) };
  };
  const few = await of('few', { grants: grants.few, organizations: organizations.few });
  say(`  filling a database with ${grants.many} grants of ${organizations.many} organizations`);
  const many = await of('many', { grants: grants.many, organizations: organizations.many });
  const evaluate = ({ api, requesters }: { api: Api; requesters: Requester[] }) =>
    closedLoop({ inFlight, milliseconds: extent.milliseconds * 2 }, async (index) => {
      const { token, accountId, customerId } = requesters[index % requesters.length]!;
      const body = evaluationOf(customerId, accountId);
      const text = await expectReply(200, api.baseUrl, 'POST', '/access/v1/evaluation', token, body);
      if (!text.includes('"decision":true')) throw new Error(`Not allowed: ${text}`);
    });
  await evaluate(few);
  await evaluate(many);
  const measured = await inPairs<Load>(
    extent.pairs,
    () => evaluate(many),
    () => evaluate(few),
    async () => {},
  );
  return [
    {
      id: 'scale.evaluation',
      what: `evaluation p99, ${inFlight} in flight, at ${grants.many.toLocaleString('en')} grants and ${organizations.many.toLocaleString('en')} organizations`,
      ours: milliseconds(median(measured.ours.map((one) => one.p99))),
      yardstick: milliseconds(median(measured.yardstick.map((one) => one.p99))),
      against: `at ${grants.few.toLocaleString('en')} grants and ${organizations.few} organizations`,
      ratio: ratio(measured, (one) => one.p99),
      target: { ratio: 1.5, is: 'at most' },
    },
  ];
}
