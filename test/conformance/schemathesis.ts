import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Actor } from './stage.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Where the program is; installs it the first time. @throws saying what to do where it cannot be installed */
export async function installSchemathesis(): Promise<string> {
  const { stdout } = await promisify(execFile)(here('install.sh'));
  return stdout.trim();
}

export interface Pass {
  phases: readonly string[];
  /** Generated requests an operation. */
  examples: number;
  /** Only these methods; default: all. */
  methods?: readonly string[];
}

export interface Outcome {
  calls: number;
  /** Every check of every answer. */
  checks: number;
  operations: Set<string>;
  /** Operations that answered 2xx at least once: a run that is refused everywhere has tried little. */
  succeeded: Set<string>;
  statuses: Record<number, number>;
  seconds: number;
  /** In the words of Schemathesis, each with the request to repeat; empty where all is well. */
  failures: string;
}

/** Tries every operation of the document as the actor. */
export async function tryAs(program: string, baseUrl: string, actor: Actor, pass: Pass): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-conformance-'));
  try {
    await writeConfiguration(folder, actor);
    const started = performance.now();
    const { code, output } = await run(program, folder, baseUrl, actor, pass);
    const seconds = (performance.now() - started) / 1000;
    const [report] = (await readdir(join(folder, 'report'))).filter((name) => name.endsWith('.ndjson'));
    if (report === undefined) throw new Error(`Schemathesis wrote no report:\n${output}`);
    const failures = code === 0 ? '' : failuresIn(output);
    return { ...(await countIn(join(folder, 'report', report))), seconds, failures };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The configuration of the project, and beside it a dictionary for each kind of id. */
async function writeConfiguration(folder: string, { known, token }: Actor): Promise<void> {
  await cp(here('hooks.py'), join(folder, 'hooks.py'));
  await mkdir(join(folder, 'known'));
  let configuration = await readFile(here('schemathesis.toml'), 'utf8');
  for (const [name, values] of Object.entries(known)) {
    const file = `known/${name}.txt`;
    await writeFile(join(folder, file), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    configuration += `\n[dictionaries.${name}]\nfrom-file = "${file}"\n`;
  }
  if (token !== null) configuration += `\n[auth.openapi.bearer]\nbearer = ${JSON.stringify(token)}\n`;
  await writeFile(join(folder, 'schemathesis.toml'), configuration);
}

function run(program: string, folder: string, baseUrl: string, actor: Actor, { phases, examples, methods }: Pass) {
  const child = spawn(
    program,
    [
      '--config-file=schemathesis.toml',
      'run',
      `${baseUrl}/openapi.json`,
      `--phases=${phases.join(',')}`,
      `--max-examples=${examples}`,
      ...(methods ?? []).map((method) => `--include-method=${method}`),
      '--report=ndjson',
      '--report-dir=report',
      '--no-color',
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PYTHONPATH: folder, CONFORMANCE_EXPENDABLE_TOKEN: actor.expendableToken ?? '' },
    },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: said.join('') }));
  });
}

const mostCharacters = 12_000;

/** From the first error or failure on: what stands before is progress. */
function failuresIn(output: string): string {
  const found = /^=+ (?:ERRORS|FAILURES) =+$[^]*/m.exec(output)?.[0] ?? output;
  return found.length > mostCharacters ? `${found.slice(0, mostCharacters)}\n… and more` : found;
}

interface ScenarioFinished {
  recorder: {
    label: string;
    checks?: Record<string, unknown[]>;
    interactions?: Record<string, { response: { status_code: number } | null }>;
  };
}

async function countIn(report: string): Promise<Omit<Outcome, 'seconds' | 'failures'>> {
  const counted = {
    calls: 0,
    checks: 0,
    operations: new Set<string>(),
    succeeded: new Set<string>(),
    statuses: {} as Record<number, number>,
  };
  for await (const line of createInterface({ input: createReadStream(report) })) {
    if (!line.startsWith('{"ScenarioFinished"')) continue;
    const { recorder } = (JSON.parse(line) as { ScenarioFinished: ScenarioFinished }).ScenarioFinished;
    counted.operations.add(recorder.label);
    counted.checks += Object.values(recorder.checks ?? {}).reduce((sum, checks) => sum + checks.length, 0);
    for (const { response } of Object.values(recorder.interactions ?? {})) {
      counted.calls += 1;
      if (response === null) continue;
      const status = response.status_code;
      counted.statuses[status] = (counted.statuses[status] ?? 0) + 1;
      if (status < 300) counted.succeeded.add(recorder.label);
    }
  }
  return counted;
}
