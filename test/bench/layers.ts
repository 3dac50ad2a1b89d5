/**
 * `npm run bench:layers`: where an evaluation's processor time goes in the API, by the sampler of Node: each sample counts
 * for the package, or the room of ours, whose code called what was running.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lanes } from './bench.ts';
import { expectReply } from './http-caller.ts';
import { closedLoop } from './load.ts';
import { evaluationOf } from './rows/evaluation.ts';
import { startServers } from './servers.ts';
import { setStage } from './stage.ts';

const { values: options } = parseArgs({ options: { seconds: { type: 'string', default: '8' } } });

interface Frame {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

interface Profile {
  nodes: Frame[];
  samples: number[];
  timeDeltas: number[];
  /** Microseconds of the machine's steady clock, which is the same for all processes. */
  startTime: number;
}

const steadyMicroseconds = () => Number(process.hrtime.bigint() / 1_000n);

const directory = await mkdtemp(join(tmpdir(), 'countersign-layers-'));
const servers = await startServers(console.log, [
  '--cpu-prof',
  `--cpu-prof-dir=${directory}`,
  '--cpu-prof-interval=500',
]);
let requests = 0;
let window = { begin: 0, end: 0 };
try {
  const stage = await setStage(servers.api, { agents: 1, customers: lanes });
  const ask = async (_index: number, lane: number) => {
    const { id, admin } = stage.customers[lane % lanes]!;
    const body = evaluationOf(id, admin.accountId);
    await expectReply(200, servers.api.baseUrl, 'POST', '/access/v1/evaluation', admin.http.token, body);
    requests += 1;
  };
  const milliseconds = Number(options.seconds) * 1000;
  // Warm before anything counts.
  await closedLoop({ inFlight: lanes, milliseconds }, ask);
  requests = 0;
  const begin = steadyMicroseconds();
  await closedLoop({ inFlight: lanes, milliseconds }, ask);
  window = { begin, end: steadyMicroseconds() };
} finally {
  await servers.stop();
}

const [file] = await readdir(directory);
if (!file) throw new Error('Node wrote no profile');
const profile = JSON.parse(await readFile(join(directory, file), 'utf8')) as Profile;
await rm(directory, { recursive: true });
printLayers(profile);
process.exit();

function printLayers({ nodes, samples, timeDeltas, startTime }: Profile): void {
  const frames = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const sums = new Map<string, number>();
  let time = startTime;
  let counted = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    time += delta;
    if (time < window.begin || time > window.end) continue;
    const layer = layerOf(id, frames, callers);
    if (layer === '(idle)') continue;
    sums.set(layer, (sums.get(layer) ?? 0) + delta);
    counted += delta;
  }
  console.log(
    `${requests} evaluations, ${(counted / 1000 / requests).toFixed(2)} ms of the API's processor each; by layer:`,
  );
  for (const [layer, spent] of [...sums].toSorted(([, one], [, other]) => other - one)) {
    const share = (100 * spent) / counted;
    if (share >= 0.3) console.log(`${share.toFixed(1).padStart(6)} %  ${layer}`);
  }
}

function layerOf(leaf: number, frames: ReadonlyMap<number, Frame>, callers: ReadonlyMap<number, number>): string {
  let last = '(program)';
  for (let id: number | undefined = leaf; id !== undefined; id = callers.get(id)) {
    const { functionName, url } = frames.get(id)!.callFrame;
    if (functionName === '(idle)' || functionName === '(garbage collector)') return functionName;
    const ofPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
    if (ofPackage) return ofPackage;
    const ofOurs = /\/dist\/((?:apps\/api\/[^/]+|libs\/[^/]+))/.exec(url)?.[1];
    if (ofOurs) return ofOurs;
    if (url.startsWith('node:')) last = `node: ${url.slice(5)}`;
  }
  return last;
}
