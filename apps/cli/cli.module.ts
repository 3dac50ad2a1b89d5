import { Module } from '@nestjs/common';
import { AuditCommand } from './audit.command.ts';
import { AuditProveCommand } from './audit-prove.command.ts';
import { AuditVerifyCommand } from './audit-verify.command.ts';
import { AuditWitnessCommand } from './audit-witness.command.ts';
import { DemoCommand } from './demo.command.ts';
import { InvitesCommand, InvitesImportCommand } from './invites-import.command.ts';
import { KeysCommand, KeysPublicCommand, KeysRotateCommand } from './keys.command.ts';
import { MigrateCommand } from './migrate.command.ts';
import { UpCommand } from './up.command.ts';

@Module({
  providers: [
    AuditCommand,
    AuditProveCommand,
    AuditVerifyCommand,
    AuditWitnessCommand,
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
