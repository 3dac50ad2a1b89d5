import { hashPassword, setPassword, verifyPassword } from '#identity';
import { asSystem } from '#persistence';
import { milliseconds, type Bench, type Row } from '../bench.ts';
import { expectReply } from '../http-caller.ts';
import { closedLoop, steadyRate, type Load } from '../load.ts';
import { inPairs, median, ratio } from '../pairs.ts';
import { person } from '../../support/cast.ts';
import { evaluationOf } from './evaluation.ts';

const password = 'a quiet river in June';
const signInsPerSecond = 20;
const evaluationsPerSecond = 100;

/** Signing in against its password's own price, and whether evaluations wait for those who sign in. */
export async function measureSignIn(bench: Bench): Promise<Row[]> {
  const { extent, servers, stage } = bench;
  const { api } = servers;
  const somebody = await person(api, 'Signing in', [{ in: stage.partnerId, roles: ['help_desk_advanced'] }]);
  await api.database.transaction(asSystem, (em) =>
    setPassword(em, { accountId: somebody.accountId, username: 'signing-in', password, now: new Date() }),
  );
  const signIn = () => expectReply(201, api.baseUrl, 'POST', '/v1/sessions', null, { email: somebody.email, password });
  const stored = await hashPassword(password);
  const count = Math.max(10, extent.decisions.alone / 2);
  const alone = await inPairs<Load>(
    extent.pairs,
    () => closedLoop({ inFlight: 1, count }, signIn),
    () => closedLoop({ inFlight: 1, count }, () => verifyPassword(password, stored)),
    async () => {},
  );

  const [{ agent, customerId }] = stage.desks(1) as [ReturnType<typeof stage.desks>[number]];
  const body = evaluationOf(customerId, agent.accountId);
  const evaluations = () =>
    steadyRate(evaluationsPerSecond, extent.milliseconds * 2, () =>
      expectReply(200, api.baseUrl, 'POST', '/access/v1/evaluation', agent.http.token, body),
    );
  const disturbed = async () => {
    const signingIn = steadyRate(signInsPerSecond, extent.milliseconds * 2, signIn);
    const load = await evaluations();
    await signingIn;
    return load;
  };
  const beside = await inPairs<Load>(extent.pairs, disturbed, evaluations, async () => {});

  const [ours, argon2] = [median(alone.ours.map((one) => one.p50)), median(alone.yardstick.map((one) => one.p50))];
  return [
    {
      id: 'sign-in',
      what: 'sign-in, 1 in flight, p50',
      ours: milliseconds(ours),
      yardstick: milliseconds(argon2),
      against: "argon2's own time",
      ratio: ours / argon2,
      target: { ratio: (argon2 + 5) / argon2, is: 'at most' },
      note: `${milliseconds(ours - argon2)} above it; at most 5 ms is wanted`,
    },
    {
      id: 'sign-in.evaluation',
      what: `evaluation p99, ${evaluationsPerSecond}/s, under ${signInsPerSecond} sign-ins/s`,
      ours: milliseconds(median(beside.ours.map((one) => one.p99))),
      yardstick: milliseconds(median(beside.yardstick.map((one) => one.p99))),
      against: 'without sign-ins',
      ratio: ratio(beside, (one) => one.p99),
      target: { ratio: 2, is: 'at most' },
    },
  ];
}
