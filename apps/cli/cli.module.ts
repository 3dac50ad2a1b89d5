import { Module } from '@nestjs/common';
import { AuditCommand } from './audit.command.ts';
import { DemoCommand } from './demo.command.ts';
import { KeysCommand } from './keys.command.ts';
import { MigrateCommand } from './migrate.command.ts';
import { UpCommand } from './up.command.ts';
import { ClientModule } from './client.module.ts';

/** Every command: those that ask a service, and those that run one or work on what it wrote. */
@Module({
  imports: [ClientModule],
  providers: [
    ...AuditCommand.registerWithSubCommands(),
    ...KeysCommand.registerWithSubCommands(),
    ...MigrateCommand.registerWithSubCommands(),
    ...UpCommand.registerWithSubCommands(),
    ...DemoCommand.registerWithSubCommands(),
  ],
})
export class CliModule {}
