import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import type { Row } from '../bench.ts';
import type { MemoryRun } from '../memory.ts';
import { ratioChart } from './chart.ts';
import type { Machine } from './machine.ts';
import { ratioText, targetText, verdict } from './table.ts';

/** One run of the bench. */
export interface Run {
  machine: Machine;
  seconds: number;
  rows: Row[];
}

const documentFile = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));
const memoryFile = new URL('../memory.json', import.meta.url);
const chartFile = fileURLToPath(new URL('../../../docs/performance.svg', import.meta.url));

/** Writes docs/performance.md and its chart. @returns the document's path */
export async function writePerformance(run: Run, before: Run): Promise<string> {
  const memory = await readFile(memoryFile, 'utf8').then(
    (text) => JSON.parse(text) as MemoryRun,
    () => null,
  );
  await writeFile(chartFile, ratioChart(run.rows, before.rows));
  await writeFile(documentFile, await format(documentOf(run, before, memory), { parser: 'markdown', printWidth: 120 }));
  return documentFile;
}

function documentOf(run: Run, before: Run, memory: MemoryRun | null): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const formerly = (id: string) => before.rows.find((row) => row.id === id);
  const table = run.rows.map((row) =>
    line([
      row.note ? `${row.what}<br>_${row.note}_` : row.what,
      formerly(row.id)?.ours ?? '',
      `**${row.ours}**`,
      row.yardstick === '' ? '' : `${row.yardstick} (${row.against})`,
      ratioText(formerly(row.id)?.ratio ?? null),
      ratioText(row.ratio),
      targetText(row),
      verdict(row),
    ]),
  );
  return `# Performance

Written by \`npm run bench\`, which builds the service, starts everything it needs (PostgreSQL with every flush to the disk, Temporal,
a mail server, API and worker as separate production processes) and its own yardsticks, and takes ${run.seconds} s.
\`npm run bench -- --short\` tries every measurement once and writes nothing.

![Ratios to the yardstick before and now, with the targets](performance.svg)

${line(['what', 'before', 'now', 'yardstick of this run', 'ratio before', 'ratio now', 'target', ''])}
${line(['---', '--:', '--:', '--:', '--:', '--:', '--:', '---'])}
${table.join('\n')}

## How to read it

Milliseconds belong to a machine; ratios travel. Each ratio is the median over adjacent pairs, the order swapped from pair to pair; between two
loads the bench waits until the worker has nothing left to do. The caller shares the processors with what it measures. "Before" is the
same bench on commit \`${before.machine.commit}\`.

- **bare http server**: \`node:http\` and \`pg\`, no framework and no validation: finds the token by its digest, reads the role, locks the row and writes the
  same rows with the same indexes in one transaction of named statements; an evaluation is one statement.
- **bare SQL**: the same writes alone, from the caller's own process, \`begin\` to \`commit\`.
- **barest Temporal**: a workflow that does nothing but those writes as local activities, the same four mails and two waits for a signal, told by a client without HTTP.
  A cycle is: ask, the mail is there, approve, the mail is there, revoke, both mails are there.
- **OpenFGA** and DBOS ran on this machine once, by hand; their figures are quoted. DBOS: ask 14 ms and approve 122 ms at 16 in flight, 116 cycles/s without mails.
- **processor time** is what the kernel counted for the API's threads.

${memory ? memoryText(memory) : ''}
${counts}
## Where

${run.machine.processor}, ${run.machine.memory}, ${run.machine.system}; ${Object.entries(run.machine.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}. Commit \`${run.machine.commit}\`, measured ${run.machine.at.slice(0, 16).replace('T', ' ')} UTC.
`;
}

function memoryText({ at, minutes, cycles, evaluations, programs }: MemoryRun): string {
  const of = (name: 'api' | 'worker') =>
    `${programs[name].early} MiB in the second quarter, ${programs[name].late} MiB in the last, ${programs[name].peak} MiB at most`;
  return `## Memory

\`npm run bench:memory\` (${at.slice(0, 10)}): ${minutes} minutes without a pause, ${cycles} whole cycles and ${evaluations} evaluations.

- API: ${of('api')}
- worker: ${of('worker')}
`;
}

/** Limits of tests, so they change with those. */
const counts = `## Counts

What does not drift from machine to machine is tested.

| request                                                         | round trips  | statements   | before |
| --------------------------------------------------------------- | ------------ | ------------ | ------ |
| evaluation, batch of evaluations, \`/v1/me\`, effective access    | 1            | 1            | 19–20  |
| search for subjects, actions or resources                       | 1            | 1            |        |
| asking for an elevation                                         | 9            | 12           | 47     |
| reading one that waits                                          | 5            | 7            | 23     |
| approving · revoking · denying (\`test/e2e/round-trips.spec.ts\`) | 12 · 11 · 10 | 15 · 14 · 13 | 43     |

"Before" is statements of the same request when the work began. A decision was wanted in 8 round trips and a read in 3; what is between are the rows
of a decision, written one statement each by the entity manager, and a read that looks for its row, for what is around it and for its approvers apart.

A cycle with its mails has at most 30 events and five workflow tasks (\`test/e2e/elevation-history.spec.ts\`).
`;
