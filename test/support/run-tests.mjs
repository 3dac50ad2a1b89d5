/**
 * `npm test`: runs Jest with what ESM needs, hands its exit code on, and ends with one plain line: `12 passed, 0 failed`.
 * Arguments go to Jest: `npm test -- libs/access`.
 *
 * Some tests wait on real servers and a real browser. In CI a few files that failed are run once more, alone; what then
 * passes is named as unsteady, so that it gets mended and yet holds up nobody.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** More failed files than these are no accident of time. */
const mostFilesForASecondTry = 6;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'countersign-tests-'));
let running;

// Ctrl-C reaches Jest as well; this process waits for its end to clean up and to tell the result.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => running?.kill(signal));

let { exitCode, files } = await runJest('first', process.argv.slice(2));
const failed = files.filter(({ status }) => status === 'failed').map(({ name }) => name);
if (process.env.CI && exitCode === 1 && failed.length > 0 && failed.length <= mostFilesForASecondTry) {
  const again = await runJest('second', ['--runInBand', '--runTestsByPath', ...failed]);
  for (const { name, status } of again.files) if (status === 'passed') console.log(`unsteady: ${name}`);
  files = [...files.filter(({ name }) => !failed.includes(name)), ...again.files];
  exitCode = again.exitCode;
}
await rm(folder, { recursive: true, force: true });
console.log(files.length === 0 && exitCode !== 0 ? '0 passed, 1 failed' : summarize(files));
process.exitCode = exitCode;

async function runJest(name, args) {
  const resultFile = join(folder, `${name}.json`);
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  running = spawn(
    process.execPath,
    ['--experimental-vm-modules', '--no-warnings', jest, '--json', `--outputFile=${resultFile}`, ...args],
    // With --json Jest writes the report to stderr and the JSON to stdout, too; nobody wants to read that.
    { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] },
  );
  const code = await new Promise((resolve) => {
    running.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    running.once('close', (exit, signal) => resolve(exit ?? 128 + constants.signals[signal]));
  });
  const result = await readFile(resultFile, 'utf8').then(JSON.parse, () => null);
  return { exitCode: code, files: result?.testResults ?? [] };
}

/** A file that could not be run at all counts as one failed test: its tests are unknown, not absent. */
function summarize(testFiles) {
  const tests = testFiles.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status));
  const count = (...wanted) => tests.filter((status) => wanted.includes(status)).length;
  const unknown = testFiles.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const skipped = count('pending', 'skipped', 'todo', 'disabled');
  const line = `${count('passed')} passed, ${count('failed') + unknown.length} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}
