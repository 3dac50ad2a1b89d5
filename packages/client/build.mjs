/**
 * Makes the client of an OpenAPI document: writes it beside the sources, generates types and operations, compiles.
 * `node packages/client/build.mjs openapi.json`, or `npm run build:client` for the document of this checkout.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const { resolve } = createRequire(import.meta.url);

const document = JSON.parse(readFileSync(process.argv[2] ?? 0, 'utf8'));
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

function run(program, ...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  process.exit(status ?? 1);
}
