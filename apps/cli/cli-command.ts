import { CommandRunner } from 'nest-commander';
import { exitCodeFor, explain } from './explain.ts';

/** What goes wrong is told in one paragraph with the next step, not as a stack; the exit code says of which kind it is. */
export function end(error: Error): never {
  explain(error);
  process.exit(exitCodeFor(error));
}

/** Commander ends the process itself, always with 1, wherever nobody says otherwise. */
export abstract class CliCommand extends CommandRunner {
  override setCommand(command: Parameters<CommandRunner['setCommand']>[0]): this {
    return super.setCommand(command.exitOverride(end));
  }
}

/** Does nothing but say which commands it has. */
export abstract class CommandGroup extends CliCommand {
  async run(): Promise<void> {
    this.command.help();
  }
}
