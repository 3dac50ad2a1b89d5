/**
 * `npm test`: runs Jest with what ESM needs, hands its exit code on, and ends with one plain line: `12 passed, 0 failed`.
 * Arguments go to Jest: `npm test -- libs/access`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'countersign-tests-'));
const resultFile = join(folder, 'result.json');

const jest = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${resultFile}`,
    ...process.argv.slice(2),
  ],
  // With --json Jest writes the report to stderr and the JSON to stdout, too; nobody wants to read that.
  { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] },
);

// Ctrl-C reaches Jest as well; this process waits for its end to clean up and to tell the result.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));

const exitCode = await new Promise((resolve) => {
  jest.once('error', (error) => {
    console.error(error.message);
    resolve(1);
  });
  jest.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
});

const closingLine = await readFile(resultFile, 'utf8').then(
  (text) => summarize(JSON.parse(text)),
  () => '0 passed, 1 failed',
);
await rm(folder, { recursive: true, force: true });
console.log(closingLine);
process.exitCode = exitCode;

/** A file that could not be run at all counts as one failed test: its tests are unknown, not absent. */
function summarize(result) {
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  return `${result.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
