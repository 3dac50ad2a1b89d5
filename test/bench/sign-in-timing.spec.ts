import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asSystem, FailedAttempt } from '#persistence';
import { createPartner, type OrganizationWithFirst } from '../support/people.ts';
import { Random } from '../support/random.ts';
import { createWorld, type World } from '../support/world.ts';
import { judgePairs, type PairedTimes } from './paired-times.ts';

let world: World;
let partner: OrganizationWithFirst;

beforeAll(async () => {
  world = await createWorld();
  partner = await createPartner(world);
  await world.stopWorker();
}, 120_000);

afterAll(() => world?.stop());

// One false alarm in a hundred thousand runs; whoever left out the password's work would be seen in every pair.
const mostDeviations = 4.5;

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Both cases once per pair, in an order thrown each time, so that neither is always the warmer one. */
async function pairUp(
  pairs: number,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<PairedTimes> {
  const random = new Random(20261122);
  const differences: number[] = [];
  for (let pair = -10; pair < pairs; pair += 1) {
    await world.database.transaction(asSystem, (em) => em.nativeDelete(FailedAttempt, {}));
    const swapped = random.next() < 0.5;
    const one = await timeOf(swapped ? second : first);
    const other = await timeOf(swapped ? first : second);
    // The first ten warm up connections and code.
    if (pair >= 0) differences.push(swapped ? other - one : one - other);
  }
  return judgePairs(differences);
}

const signInAs = (email: string) => () => world.visitor.post('/v1/sessions', { email, password: 'not the password' });

describe('the time an answer takes', () => {
  it('does not tell a known address from an unknown one at sign-in', async () => {
    const judged = await pairUp(500, signInAs(partner.first.email), signInAs('nobody@nowhere.example'));
    expect(judged.deviations).toBeLessThan(mostDeviations);
    expect(Math.abs(judged.medianDifference)).toBeLessThan(Math.max(judged.noise, 1));
  }, 400_000);

  it('does not tell a known address from an unknown one when a password is to be reset', async () => {
    const resetFor = (email: string) => () => world.visitor.post('/v1/password-resets', { email });
    const judged = await pairUp(200, resetFor(partner.first.email), resetFor('nobody@nowhere.example'));
    expect(judged.deviations).toBeLessThan(mostDeviations);
    expect(Math.abs(judged.medianDifference)).toBeLessThan(Math.max(judged.noise, 1));
  }, 200_000);

  it('would tell if somebody saved a twentieth of the work: the judgement can fail', () => {
    const random = new Random(7);
    const noisy = () => 25 + random.next() * 5;
    const fair = judgePairs(Array.from({ length: 500 }, () => noisy() - noisy()));
    expect(fair.deviations).toBeLessThan(mostDeviations);
    const leaking = judgePairs(Array.from({ length: 500 }, () => noisy() - noisy() * 0.95));
    expect(leaking.deviations).toBeGreaterThan(mostDeviations);
  });
});
