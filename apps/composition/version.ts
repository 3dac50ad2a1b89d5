import { readFileSync } from 'node:fs';

/** Beside the sources, or above what is built. */
const packageFile = new URL(
  import.meta.url.includes('/dist/') ? '../../../package.json' : '../../package.json',
  import.meta.url,
);

/** The release this process is of. */
export const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
