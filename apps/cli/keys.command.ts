import { Command, SubCommand } from 'nest-commander';
import { CliCommand, CommandGroup } from './cli-command.ts';
import { rotateSigningKey, signingKeyFrom } from '#audit';
import { ConfigurationError, loadConfig, type Config } from '#config';
import { ensureLaptopSecrets } from '#local-stack';
import { Database } from '#persistence';

/** Offline: what is printed is for `audit verify --public-key` and for whoever publishes it elsewhere. */
@SubCommand({ name: 'public', description: 'Print the public half of SIGNING_KEY, base64url' })
export class KeysPublicCommand extends CliCommand {
  async run(): Promise<void> {
    const seed = await signingSeed(loadConfig());
    process.stdout.write(`${signingKeyFrom(seed).publicKey}\n`);
  }
}

/** Keys come from the environment: what stands on a command line is seen by everybody on the machine. */
@SubCommand({ name: 'rotate', description: 'Hand over from SIGNING_KEY to NEXT_SIGNING_KEY, in the database' })
export class KeysRotateCommand extends CliCommand {
  async run(): Promise<void> {
    const config = loadConfig();
    const { nextSigningKey } = config;
    const databaseUrl = config.sealerDatabaseUrl ?? config.databaseUrl;
    if (!databaseUrl || !nextSigningKey) {
      throw new ConfigurationError([
        ...(databaseUrl ? [] : [missing('DATABASE_URL', 'Name the database that keeps the keys')]),
        ...(nextSigningKey ? [] : [missing('NEXT_SIGNING_KEY', 'Make one with `openssl rand -base64 32` and keep it')]),
      ]);
    }
    const present = signingKeyFrom(await signingSeed(config));
    const next = signingKeyFrom(nextSigningKey);
    const database = await Database.open({ databaseUrl, applicationName: 'countersign-keys' });
    try {
      await rotateSigningKey(database, present, next);
    } finally {
      await database.close();
    }
    process.stdout.write(
      `Handed over from ${present.keyId} to ${next.keyId}. Both keys have signed it.\n` +
        'Now set SIGNING_KEY to the new key and start API and workers anew; until then they go on with the former one.\n' +
        `The public half of the new one: ${next.publicKey}\n`,
    );
  }
}

@Command({
  name: 'keys',
  description: 'The key that signs the audit trail',
  subCommands: [KeysPublicCommand, KeysRotateCommand],
})
export class KeysCommand extends CommandGroup {}

/** In production it is named; on a laptop it is the one kept in DATA_DIR. */
async function signingSeed({ signingKey, dataDir }: Config): Promise<Buffer> {
  return signingKey ?? (await ensureLaptopSecrets(dataDir)).signingKey;
}

function missing(variable: string, nextStep: string) {
  return { variable, problem: 'is missing', nextStep };
}
