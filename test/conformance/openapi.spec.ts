import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpClient } from '../support/http-client.ts';
import { createWorld, type World } from '../support/world.ts';
import { installSchemathesis, tryAs, type Outcome, type Pass } from './schemathesis.ts';
import { setConformanceStage, type Actor } from './stage.ts';

/**
 * Every operation of the OpenAPI document with data that is right, wrong and odd: the answers must be the documented
 * ones, and what is not valid or not signed in must be refused. Deterministic, and short enough for CI.
 * `CONFORMANCE_EXAMPLES=100` tries every phase as everybody, with so many generated requests an operation.
 */
const examples = Number(process.env['CONFORMANCE_EXAMPLES'] ?? 0);
const isLong = examples > 0;
const minutes = 60_000;

const everything: Pass = { phases: ['examples', 'coverage', 'fuzzing'], examples };
/** The systematic tries are many: in short, one person makes those that come with a body. */
const systematic: Pass = { phases: ['coverage'], examples: 1, methods: ['POST', 'PUT', 'PATCH'] };
const generated: Pass = { phases: ['examples', 'fuzzing'], examples: 2 };
/** What the others are answered differs by their rights; what is odd about a request was tried by the administrator. */
const once: Pass = { phases: ['fuzzing'], examples: 1 };

const passes: Readonly<Record<string, readonly Pass[]>> = {
  administrator: [systematic, generated],
  "partner's administrator": [once],
  agent: [once],
  'support team': [once],
  service: [once],
  nobody: [once],
};

let world: World;
let program: string;
let actors: Actor[];
const outcomes: (Outcome & { name: string })[] = [];

/** Told before all tests, too. */
const lacking = process.env['COUNTERSIGN_TEST_CONFORMANCE_LACKS'];
const describeWherePossible = lacking ? describe.skip : describe;

beforeAll(async () => {
  if (lacking) return;
  program = await installSchemathesis();
  world = await createWorld();
  actors = await setConformanceStage(world);
  // Thousands of rows that nobody wants to be told of by mail.
  await world.stopWorker();
}, 10 * minutes);

afterAll(async () => {
  if (lacking) return;
  await world?.stop();
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const operations = new Set(outcomes.flatMap((outcome) => [...outcome.operations]));
  const seconds = sum((outcome) => outcome.seconds);
  process.stderr.write(
    `${[
      ...outcomes.map(
        ({ name, calls, checks, statuses, seconds: taken }) =>
          `${name}: ${calls} calls, ${checks} checks, ${taken.toFixed(0)} s, answers ${JSON.stringify(statuses)}`,
      ),
      `${sum(({ calls }) => calls)} calls to ${operations.size} operations, ${sum(({ checks }) => checks)} checks, ` +
        `${outcomes.filter(({ failures }) => failures !== '').length} runs with failures, ${seconds.toFixed(0)} s, ` +
        `${(sum(({ calls }) => calls) / seconds).toFixed(0)} calls a second`,
    ].join('\n')}\n`,
  );
});

describeWherePossible('the API keeps what its OpenAPI document says', () => {
  it.each(Object.keys(passes))(
    'to: %s',
    async (name) => {
      const actor = actors.find((one) => one.name === name);
      if (!actor) throw new Error(`Nobody on stage is called ${name}`);
      for (const pass of isLong ? [everything] : (passes[name] ?? [])) {
        const outcome = await tryAs(program, world.baseUrl, actor, pass);
        outcomes.push({ ...outcome, name });
        if (outcome.failures !== '') throw new Error(outcome.failures);
      }
      // Whose session ended on the way was refused from then on, and has tried nothing.
      const end = await new HttpClient(world.baseUrl, actor.token).get('/v1/organizations');
      expect(end.status).toBe(actor.token === null ? 401 : 200);
    },
    60 * minutes,
  );

  it('and most operations were done at least once, not only refused', () => {
    const operations = new Set(outcomes.flatMap((outcome) => [...outcome.operations]));
    const succeeded = new Set(outcomes.flatMap((outcome) => [...outcome.succeeded]));
    const refused = [...operations].filter((operation) => !succeeded.has(operation));
    expect(refused.length).toBeLessThan(operations.size / 4);
  });
});
