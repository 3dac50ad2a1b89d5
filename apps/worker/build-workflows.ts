/** Last step of `npm run build`: a worker starts at once and runs the workflows that were built with it. */
import { writeFile } from 'node:fs/promises';
import { bundlePath, bundleWorkflows } from './workflow-bundle.ts';

await writeFile(bundlePath, (await bundleWorkflows()).code);
