import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Option, SubCommand } from 'nest-commander';
import { CliCommand } from './cli-command.ts';
import {
  formatAddCheckpoint,
  formatNamedKey,
  keysVouchedFor,
  parseCheckpoint,
  signingKeyFrom,
  Witness,
  WitnessState,
} from '#audit';
import { ConfigurationError } from '#config';
import { auditKeys, consistencyProof } from '#contracts';
import { askService } from './ask-service.ts';
import { aborted, interruption } from './interruption.ts';

interface WitnessCommandOptions {
  url: string;
  logKey: string;
  name: string;
  state: string;
  organization?: string[];
  every: number;
  once?: boolean;
  listen?: number;
}

const longestRequest = 128 * 1024;
const say = (line: string) => void process.stdout.write(`${line}\n`);

/**
 * Runs elsewhere, under somebody else's hands, with a key of its own. Either it asks the service for its checkpoints, or
 * it waits for the service to bring them (C2SP tlog-witness); it countersigns what continues what it has seen.
 */
@SubCommand({
  name: 'witness',
  description: 'Countersign checkpoints that continue what was seen before, and no others',
})
export class AuditWitnessCommand extends CliCommand {
  async run(_arguments: string[], options: WitnessCommandOptions): Promise<void> {
    const { url, logKey, name, organization: organizationIds = [], listen } = options;
    const key = signingKeyFrom(seedOf('WITNESS_KEY'));
    const state = await WitnessState.open(options.state);
    const host = new URL(url).host;
    // Asked each time: a service may have handed over to a new key since.
    const keysOf = async (origin: string) =>
      origin.startsWith(`${host}/audit/`) ? keysVouchedFor(await ringOf(url), logKey) : null;
    const witness = new Witness({ name, key, state, keysOf });
    say(`This witness is ${formatNamedKey({ name, type: 'cosignature', publicKey: key.publicKey })}`);
    if (listen !== undefined) {
      const server = await serve(witness, listen);
      say(`It waits for checkpoints of ${host} at port ${listen}`);
      await aborted(interruption());
      server.close();
      return;
    }
    if (organizationIds.length === 0)
      throw new Error('Name organizations with --organization, or a port with --listen');
    const signal = interruption();
    for (;;) {
      for (const organizationId of organizationIds) await look(witness, state, { url, organizationId });
      if (options.once) return;
      await sleep(options.every * 1000, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
    }
  }

  @Option({ flags: '--url <url>', description: 'Where Countersign is', required: true })
  parseUrl(value: string): string {
    return value;
  }

  @Option({ flags: '--log-key <key>', description: "One of the service's public keys, base64url", required: true })
  parseLogKey(value: string): string {
    return value;
  }

  @Option({ flags: '--name <name>', description: 'Its own name, best a URL without https://', required: true })
  parseName(value: string): string {
    if (/[\s+]/u.test(value)) throw new Error('The name of a witness has no spaces and no plus signs');
    return value;
  }

  @Option({ flags: '--state <file>', description: 'Where it remembers what it saw', required: true })
  parseState(value: string): string {
    return value;
  }

  @Option({ flags: '--organization <id>', description: 'Whose trail to look at; may come again' })
  parseOrganization(value: string, former: string[] = []): string[] {
    return [...former, value];
  }

  @Option({ flags: '--every <seconds>', description: 'How often it looks', defaultValue: 60 })
  parseEvery(value: string): number {
    return seconds(value);
  }

  @Option({ flags: '--once', description: 'Look once and end; exit code 2 where it refused' })
  parseOnce(): boolean {
    return true;
  }

  @Option({ flags: '--listen <port>', description: 'Let the service bring its checkpoints (C2SP tlog-witness)' })
  parseListen(value: string): number {
    return seconds(value);
  }
}

function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw new Error(`${value} is no whole number`);
  return number;
}

function seedOf(variable: string): Buffer {
  const seed = Buffer.from(process.env[variable] ?? '', 'base64');
  if (seed.length === 32) return seed;
  const nextStep = "Make one with `openssl rand -base64 32` and keep it where the service's people can't read it";
  throw new ConfigurationError([{ variable, problem: 'is missing or not 32 bytes in base64', nextStep }]);
}

async function ringOf(url: string) {
  const response = await fetch(new URL('/.well-known/countersign-audit', url));
  if (!response.ok) throw new Error(`${url} does not tell its keys: ${response.status}`);
  return auditKeys.parse(await response.json()).keys;
}

/** One look at one trail: what the service signed is compared with what was seen before. */
async function look(
  witness: Witness,
  state: WitnessState,
  { url, organizationId }: { url: string; organizationId: string },
): Promise<void> {
  const path = `/v1/organizations/${organizationId}/audit-events`;
  const note = await askService(url, `${path}/checkpoint`);
  const checkpoint = parseCheckpoint(note);
  if (!checkpoint) throw new Error(`${url} gave no checkpoint`);
  const seen = parseCheckpoint(state.noteOf(checkpoint.origin) ?? '');
  const from = seen?.size ?? 0;
  const proof =
    from > 0 && from < checkpoint.size
      ? await proofOf(url, `${path}/consistency?from=${from}&to=${checkpoint.size}`)
      : [];
  const answer = await witness.addCheckpoint(formatAddCheckpoint(Math.min(from, checkpoint.size), proof, note));
  if (answer.status === 200) {
    say(`${organizationId}: ${checkpoint.size} events, countersigned`);
    return;
  }
  const why = checkpoint.size < from ? `it shows ${checkpoint.size} events, and ${from} were seen` : answer.body.trim();
  say(`${organizationId}: REFUSED, ${why}`);
  process.exitCode = 2;
}

async function proofOf(url: string, path: string): Promise<Buffer[]> {
  const { proof } = consistencyProof.parse(JSON.parse(await askService(url, path)));
  return proof.map((hash) => Buffer.from(hash, 'base64'));
}

async function serve(witness: Witness, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = async () => {
      if (request.method !== 'POST' || request.url !== '/add-checkpoint')
        return { status: 404, contentType: 'text/plain', body: '' };
      const body = await bodyOf(request);
      return body === null ? { status: 413, contentType: 'text/plain', body: '' } : witness.addCheckpoint(body);
    };
    answer().then(
      ({ status, contentType, body }) => response.writeHead(status, { 'content-type': contentType }).end(body),
      (error: unknown) => {
        say(`It could not answer: ${error instanceof Error ? error.message : String(error)}`);
        response.writeHead(503).end();
      },
    );
  });
  server.listen(port);
  await once(server, 'listening');
  return server;
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > longestRequest) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
