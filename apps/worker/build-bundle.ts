/** The last step of the build: the workflows as one file, so that a production worker starts without a bundler. */
import { writeFile } from 'node:fs/promises';
import { builtBundlePath, bundleWorkflows } from './workflow-bundle.ts';

const { code } = await bundleWorkflows();
await writeFile(builtBundlePath, code);
process.stdout.write(`Workflow bundle: ${builtBundlePath}, ${Math.round(code.length / 1024)} KiB\n`);
