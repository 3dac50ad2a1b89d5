/**
 * Makes the client of an OpenAPI document: writes it beside the sources, generates types and operations, compiles. Beside
 * it a Bruno collection of the same document, in `bruno`.
 * `node packages/client/build.mjs openapi.json`, or `npm run build:client` for the document of this checkout; with
 * `--if-missing` only where there is none yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brunoCollection } from './bruno.mjs';

const folder = dirname(fileURLToPath(import.meta.url));
const { resolve } = createRequire(import.meta.url);

const [file] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
if (process.argv.includes('--if-missing') && existsSync(join(folder, 'dist/index.js'))) process.exit(0);

const document = JSON.parse(file ? readFileSync(file, 'utf8') : documentOfThisCheckout());
// Where the service is says whoever connects; a client made on a laptop must not go to the laptop.
delete document.servers;
mkdirSync(join(folder, 'src/generated'), { recursive: true });
writeFileSync(join(folder, 'src/generated/openapi.json'), JSON.stringify(document, null, 2));
run(
  join(dirname(resolve('@hey-api/openapi-ts/package.json')), 'bin/run.js'),
  '-f',
  join(folder, 'openapi-ts.config.ts'),
);
run(resolve('typescript/bin/tsc'), '-p', join(folder, 'tsconfig.json'));
// Nothing of an earlier document stays.
rmSync(join(folder, 'bruno'), { recursive: true, force: true });
for (const [name, text] of brunoCollection(document)) {
  const path = join(folder, 'bruno', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function documentOfThisCheckout() {
  const source = ['--conditions=source', '--import', join(folder, '../../from-source.mjs'), '--no-warnings'];
  return run(...source, join(folder, '../../apps/api/openapi/write-document.ts'));
}

/** What the program prints. */
function run(...args) {
  const options = { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  if (status === 0) return stdout;
  process.stderr.write(`${stdout}${stderr}`);
  process.exit(status ?? 1);
}
