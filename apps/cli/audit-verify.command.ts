import { readFile } from 'node:fs/promises';
import { Option, SubCommand } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import { auditKeys } from '#contracts';
import {
  faults,
  isProof,
  parseNamedKey,
  proofFaults,
  verifyExport,
  verifyProof,
  type KeyRing,
  type NamedKey,
  type Verification,
} from '#audit';
import { exitCodes, UsageError } from './cli-errors.ts';
import { readEarlier } from './audit-earlier.ts';
import { linesOf } from './lines-of.ts';

interface VerifyOptions {
  publicKey?: string;
  keys?: string;
  against?: string;
  witness?: NamedKey[];
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** Works on files alone: no service, no database, no secrets. */
@SubCommand({
  name: 'verify',
  arguments: '<file>',
  description: 'Check an export of the audit trail, or the proof of one event, offline',
})
export class AuditVerifyCommand extends CliCommand {
  async run([file]: string[], options: VerifyOptions): Promise<void> {
    if (!file) throw new UsageError('Name the file of the export or the proof');
    const { publicKey, witness: witnesses } = options;
    const keyRing = options.keys === undefined ? undefined : await readRing(options.keys);
    const trust = { publicKey, keyRing, witnesses };
    if (await beginsAsProof(file)) return tellOfProof(await readFile(file, 'utf8'), trust);
    const against =
      options.against === undefined ? undefined : await readEarlier(options.against, file, { publicKey, keyRing });
    tellOfExport(await verifyExport(linesOf(file), { ...trust, against }));
    if (!publicKey) {
      say("Compared with the key in the export only; name the service's own key with --public-key.");
    }
  }

  @Option({ flags: '--public-key <key>', description: "One of the service's public keys, base64url" })
  parsePublicKey(value: string): string {
    return value;
  }

  @Option({
    flags: '--keys <file>',
    description: 'What /.well-known/countersign-audit answered, for exports of before',
  })
  parseKeys(value: string): string {
    return value;
  }

  @Option({ flags: '--against <file>', description: "An older export, a checkpoint, or a witness's state" })
  parseAgainst(value: string): string {
    return value;
  }

  @Option({
    flags: '--witness <key>',
    description: 'The key of a witness that must have countersigned; may come again',
  })
  parseWitness(value: string, former: NamedKey[] = []): NamedKey[] {
    const key = parseNamedKey(value);
    if (key?.type !== 'cosignature')
      throw new Error(`${value} is no witness's key, as countersign audit witness prints it`);
    return [...former, key];
  }
}

async function readRing(file: string): Promise<KeyRing> {
  return auditKeys.parse(JSON.parse(await readFile(file, 'utf8'))).keys;
}

async function beginsAsProof(file: string): Promise<boolean> {
  for await (const line of linesOf(file)) return isProof(`${line}\n`);
  return false;
}

function tellOfExport({ valid, events, checkpoint, witnesses = [], firstInvalid }: Verification): void {
  if (valid) {
    say(`Valid: ${events} events, sealed up to position ${checkpoint?.position ?? 0}.`);
    for (const { name, position, at } of witnesses)
      say(`Countersigned by ${name} up to position ${position}, at ${at}.`);
    return;
  }
  const what = firstInvalid
    ? `at position ${firstInvalid.position}${firstInvalid.id ? ` (event ${firstInvalid.id})` : ''}: ${faults[firstInvalid.why]}`
    : '';
  say(`Not valid ${what}`);
  process.exitCode = exitCodes.notGenuine;
}

function tellOfProof(text: string, trust: Parameters<typeof verifyProof>[1]): void {
  const proof = verifyProof(text, trust);
  if (!proof.valid) {
    say(`Not valid: ${proofFaults[proof.why]}`);
    process.exitCode = exitCodes.notGenuine;
    return;
  }
  const { event, organizationId, size, witnesses } = proof;
  const { id, action, actor, subject, outcome, at, position, personal } = event;
  say(`Valid: event ${id} stands at position ${position} of ${size} in the trail of organization ${organizationId}.`);
  for (const { name, at: signedAt } of witnesses) say(`Countersigned by ${name}, at ${signedAt}.`);
  say(
    JSON.stringify(
      { action, actor, subject, outcome, at, facts: event.facts, grantId: event.grantId, personal },
      null,
      2,
    ),
  );
  if (personal === null) say('Names, addresses and words are not disclosed; their digest is part of the proof.');
  if (!trust?.publicKey) say("Compared with the key in the proof only; name the service's own key with --public-key.");
}
