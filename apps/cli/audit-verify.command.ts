import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Command, CommandRunner, Option, SubCommand } from 'nest-commander';
import { faults, verifyExport } from '#audit';

interface VerifyOptions {
  publicKey?: string;
}

/** Works on the file alone: no service, no database, no secrets. */
@SubCommand({ name: 'verify', arguments: '<export>', description: 'Check an export of the audit trail, offline' })
export class AuditVerifyCommand extends CommandRunner {
  async run([file]: string[], { publicKey }: VerifyOptions): Promise<void> {
    if (!file) throw new Error('Name the file of the export');
    const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
    const { valid, events, checkpoint, firstInvalid } = await verifyExport(lines, publicKey ? { publicKey } : {});
    if (valid) {
      process.stdout.write(`Valid: ${events} events, sealed up to position ${checkpoint?.position ?? 0}.\n`);
      if (!publicKey)
        process.stdout.write(
          "Compared with the key in the export only; name the service's own key with --public-key.\n",
        );
      return;
    }
    const what = firstInvalid
      ? `at position ${firstInvalid.position}${firstInvalid.id ? ` (event ${firstInvalid.id})` : ''}: ${faults[firstInvalid.why]}`
      : '';
    process.stdout.write(`Not valid ${what}\n`);
    process.exitCode = 2;
  }

  @Option({ flags: '--public-key <key>', description: "The service's public key, base64url" })
  parsePublicKey(value: string): string {
    return value;
  }
}

@Command({ name: 'audit', description: 'The audit trail', subCommands: [AuditVerifyCommand] })
export class AuditCommand extends CommandRunner {
  async run(): Promise<void> {
    this.command.help();
  }
}
