import { Command, SubCommand } from 'nest-commander';
import { CliCommand, CommandGroup } from './cli-command.ts';
import { rotateSigningKey, signingKeyFrom } from '#audit';
import { ConfigurationError, keyIdOf, loadConfig, type Config, type Keys } from '#config';
import { ensureLaptopSecrets } from '#local-stack';
import { Database } from '#persistence';
import { TemporalClient } from '#temporal';

/** Offline: what is printed is for `audit verify --public-key` and for whoever publishes it elsewhere. */
@SubCommand({ name: 'public', description: 'Print the public half of SIGNING_KEY, base64url' })
export class KeysPublicCommand extends CliCommand {
  async run(): Promise<void> {
    const seed = await signingSeed(loadConfig());
    process.stdout.write(`${signingKeyFrom(seed).publicKey}\n`);
  }
}

/** Keys come from the environment: what stands on a command line is seen by everybody on the machine. */
@SubCommand({
  name: 'rotate',
  description:
    'Hand over from SIGNING_KEY to NEXT_SIGNING_KEY; seal with PAYLOAD_KEY what keys of PAYLOAD_KEYS have sealed',
})
export class KeysRotateCommand extends CliCommand {
  async run(): Promise<void> {
    const config = loadConfig();
    const reseals = config.otherPayloadKeys.length > 0;
    if (!config.nextSigningKey && !reseals) {
      const nextStep =
        'Make one with `openssl rand -base64 32` and keep it; or name the former payload key in PAYLOAD_KEYS';
      throw new ConfigurationError([missing('NEXT_SIGNING_KEY', nextStep)]);
    }
    if (config.nextSigningKey) await handOver(config, config.nextSigningKey);
    if (reseals) await sealAnew(config);
  }
}

async function handOver(config: Config, nextSeed: Buffer): Promise<void> {
  const databaseUrl = config.sealerDatabaseUrl ?? config.databaseUrl;
  if (!databaseUrl) throw withoutDatabase();
  const present = signingKeyFrom(await signingSeed(config));
  const next = signingKeyFrom(nextSeed);
  const database = await Database.open({ databaseUrl, applicationName: 'countersign-keys' });
  try {
    await rotateSigningKey(database, present, next);
  } finally {
    await database.close();
  }
  say(
    `Handed over from ${present.keyId} to ${next.keyId}. Both keys have signed it.`,
    'Now set SIGNING_KEY to the new key and start API and workers anew; until then they go on with the former one.',
    `The public half of the new one: ${next.publicKey}`,
  );
}

async function sealAnew(config: Config): Promise<void> {
  const { databaseUrl, payloadKey, otherPayloadKeys, temporalAddress } = config;
  if (!databaseUrl) throw withoutDatabase();
  if (!payloadKey) throw new ConfigurationError([missing('PAYLOAD_KEY', 'Set the key that API and workers seal with')]);
  const payloadKeys: Keys = [payloadKey, ...otherPayloadKeys.filter((key) => !key.equals(payloadKey))];
  const { rotatePayloadKey } = await import('#composition');
  const database = await Database.open({ databaseUrl, applicationName: 'countersign-keys' });
  const temporal = temporalAddress ? TemporalClient.connect({ ...config, temporalAddress, payloadKeys }) : null;
  try {
    const { resealed, former } = await rotatePayloadKey(database, payloadKeys, temporal);
    const words = resealed.flatMap(({ what, rows }) => (rows > 0 ? `${rows} ${what}` : [])).join(', ');
    say(`Sealed anew with the payload key ${keyIdOf(payloadKey)}: ${words || 'nothing was left to do'}.`);
    for (const { keyId, neededBy } of former) {
      say(
        neededBy.length > 0
          ? `The key ${keyId} is still needed by ${neededBy.join(', ')}. Leave it in PAYLOAD_KEYS and run this again later.`
          : `Nothing needs the key ${keyId} any more. Take it out of PAYLOAD_KEYS.`,
      );
    }
  } finally {
    await temporal?.close();
    await database.close();
  }
}

const say = (...lines: readonly string[]) => process.stdout.write(`${lines.join('\n')}\n`);

const withoutDatabase = () =>
  new ConfigurationError([missing('DATABASE_URL', 'Name the database that keeps the keys')]);

@Command({
  name: 'keys',
  description: 'The keys that sign the audit trail and seal what is stored',
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
