import { Command } from 'nest-commander';
import { CommandGroup } from './cli-command.ts';
import { AuditProveCommand } from './audit-prove.command.ts';
import { AuditReportCommand } from './audit-report.command.ts';
import { AuditVerifyCommand } from './audit-verify.command.ts';
import { AuditWitnessCommand } from './audit-witness.command.ts';

@Command({
  name: 'audit',
  description: 'The audit trail',
  subCommands: [AuditProveCommand, AuditReportCommand, AuditVerifyCommand, AuditWitnessCommand],
})
export class AuditCommand extends CommandGroup {}
