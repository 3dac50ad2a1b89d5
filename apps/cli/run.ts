import { readFileSync } from 'node:fs';
import { CommandFactory } from 'nest-commander';
import { ClientModule, clientCommands } from './client.module.ts';
import { end } from './cli-command.ts';

const { version } = JSON.parse(readFileSync(packageFile(), 'utf8')) as { version: string };

// Help calls the program what it was started as.
process.argv[1] = 'countersign';
const isOfClient = clientCommands.has(process.argv[2]);

await CommandFactory.run(isOfClient ? ClientModule : (await import('./cli.module.ts')).CliModule, {
  version,
  logger: false,
  errorHandler: end,
  serviceErrorHandler: end,
});

/** Beside the sources, or above what is built. */
function packageFile(): URL {
  const here = import.meta.url;
  return new URL(here.includes('/dist/') ? '../../../package.json' : '../../package.json', here);
}
