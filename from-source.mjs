/**
 * `node --conditions=source --import ./from-source.mjs program.ts` runs this project from its TypeScript sources: each
 * file is compiled once per state, by SWC as Jest and the build do it, and kept in node_modules/.cache. Measured against
 * @swc-node/register, which compiles everything at each start, an API starts with 40% of the processor time.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, registerHooks, setSourceMapsSupport } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const options = { ...JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8')), swcrc: false };
const state = JSON.stringify([options, require('@swc/core/package.json').version]);
const cache = fileURLToPath(new URL('node_modules/.cache/countersign-source/', import.meta.url));

function compiled(file) {
  const source = readFileSync(file, 'utf8');
  const kept = `${cache}${createHash('sha256').update(state).update(file).update('\0').update(source).digest('hex')}.js`;
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    const { code } = require('@swc/core').transformSync(source, { ...options, filename: file });
    keep(kept, code);
    return code;
  }
}

/** Whole or not at all, since others read at the same time; a folder that nobody may write to costs time, no more. */
function keep(file, code) {
  try {
    mkdirSync(cache, { recursive: true });
    const unfinished = `${file}.${randomUUID()}`;
    writeFileSync(unfinished, code);
    renameSync(unfinished, file);
  } catch {}
}

setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith('file:') || !url.endsWith('.ts') || url.includes('/node_modules/'))
      return nextLoad(url, context);
    return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true };
  },
});
