import { CommandFactory } from 'nest-commander';
import { CliModule } from './cli.module.ts';
import { exitCodeFor, explain } from './explain.ts';

await CommandFactory.run(CliModule, {
  cliName: 'countersign',
  logger: false,
  // What goes wrong is told in one paragraph with the next step, not as a stack.
  errorHandler: (error) => {
    if ('exitCode' in error && error.exitCode === 0) process.exit(0);
    explain(error);
    process.exit(exitCodeFor(error));
  },
  serviceErrorHandler: (error) => {
    explain(error);
    process.exit(exitCodeFor(error));
  },
});
