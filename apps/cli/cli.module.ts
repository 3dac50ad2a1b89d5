import { Module } from '@nestjs/common';
import { AuditCommand, AuditVerifyCommand } from './audit-verify.command.ts';
import { DemoCommand } from './demo.command.ts';
import { InvitesCommand, InvitesImportCommand } from './invites-import.command.ts';
import { KeysCommand, KeysPublicCommand, KeysRotateCommand } from './keys.command.ts';
import { MigrateCommand } from './migrate.command.ts';
import { UpCommand } from './up.command.ts';

@Module({
  providers: [
    AuditCommand,
    AuditVerifyCommand,
    DemoCommand,
    InvitesCommand,
    InvitesImportCommand,
    KeysCommand,
    KeysPublicCommand,
    KeysRotateCommand,
    MigrateCommand,
    UpCommand,
  ],
})
export class CliModule {}
