import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { completeConfig, ConfigurationError, deriveKey, loadConfig } from './index.ts';

const payloadKey = createHash('sha256').update('payload').digest();
const signingKey = createHash('sha256').update('signing').digest();

const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://countersign.example.com/',
  DATABASE_URL: 'postgresql://countersign:secret@db.example.com/countersign',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
  SMTP_URL: 'smtps://user:secret@smtp.example.com:465',
  SUPPORT_TOKEN: 'a-token-nobody-guesses',
  PAYLOAD_KEY: payloadKey.toString('base64'),
  SIGNING_KEY: signingKey.toString('base64'),
};

function refusalOf(environment: NodeJS.ProcessEnv): ConfigurationError {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
  throw new Error('The environment was accepted');
}

describe('the configuration', () => {
  it('starts from nothing on a laptop', () => {
    expect(loadConfig({})).toMatchObject({
      nodeEnv: 'development',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      temporalNamespace: 'default',
      minimumDurationSeconds: 300,
      attachWithoutApproval: false,
      taskQueue: 'countersign',
    });
  });

  it('moves the public address along with the port', () => {
    expect(loadConfig({ PORT: '4711' }).publicUrl).toBe('http://localhost:4711');
  });

  it('takes a complete production environment', () => {
    const config = completeConfig(loadConfig(production));
    expect(config.publicUrl).toBe('https://countersign.example.com');
    expect(config.payloadKey).toEqual(payloadKey);
    expect(config.databaseUrl).toBe(production.DATABASE_URL);
  });

  it('refuses production and names every missing variable at once, each with a next step', () => {
    const refusal = refusalOf({ NODE_ENV: 'production' });
    expect(refusal.variables).toEqual([
      'PUBLIC_URL',
      'DATABASE_URL',
      'TEMPORAL_ADDRESS',
      'SMTP_URL',
      'SUPPORT_TOKEN',
      'PAYLOAD_KEY',
      'SIGNING_KEY',
    ]);
    expect(refusal.message).toContain('PAYLOAD_KEY is missing. Make one with `openssl rand -base64 32`');
  });

  it.each([
    'PUBLIC_URL',
    'DATABASE_URL',
    'TEMPORAL_ADDRESS',
    'SMTP_URL',
    'SUPPORT_TOKEN',
    'PAYLOAD_KEY',
    'SIGNING_KEY',
  ])('refuses production without %s, also where it is handed over empty', (variable) => {
    expect(refusalOf({ ...production, [variable]: undefined }).variables).toEqual([variable]);
    expect(refusalOf({ ...production, [variable]: '' }).variables).toEqual([variable]);
  });

  it.each([
    ['PORT', 'three thousand'],
    ['PORT', '70000'],
    ['PUBLIC_URL', 'countersign.example.com'],
    ['DATABASE_URL', 'mysql://localhost/countersign'],
    ['DRAIN_SECONDS', '61'],
    ['WORKER_PORT', '70000'],
    ['TEMPORAL_ADDRESS', 'https://temporal.example.com'],
    ['TEMPORAL_METRICS_ADDRESS', 'localhost:9464'],
    ['SMTP_URL', 'http://localhost'],
    ['PAYLOAD_KEY', 'c2hvcnQ='],
    ['PAYLOAD_KEY', 'not base64!'],
    ['SIGNING_KEY', 'c2hvcnQ='],
    ['MINIMUM_DURATION_SECONDS', '0'],
    ['ALLOW_PRIVATE_ADDRESSES', 'perhaps'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
  ])('names %s when it says "%s"', (variable, value) => {
    expect(refusalOf({ [variable]: value }).variables).toEqual([variable]);
  });

  it('tells the missing and the wrong ones together, never the value of a secret', () => {
    const refusal = refusalOf({ ...production, SMTP_URL: undefined, PAYLOAD_KEY: 'c2VjcmV0LXZhbHVl', PORT: 'x' });
    expect(refusal.variables.sort()).toEqual(['PAYLOAD_KEY', 'PORT', 'SMTP_URL']);
    expect(refusal.message).not.toContain('c2VjcmV0LXZhbHVl');
  });

  it('refuses a support token that could be guessed in production', () => {
    expect(refusalOf({ ...production, SUPPORT_TOKEN: 'short' }).message).toContain('SUPPORT_TOKEN is shorter than 16');
  });

  it('takes a support token that is switched off, where a forgotten one is refused', () => {
    expect(loadConfig({ ...production, SUPPORT_TOKEN: 'off' }).supportToken).toBe('off');
    expect(refusalOf({ ...production, SUPPORT_TOKEN: undefined }).variables).toEqual(['SUPPORT_TOKEN']);
  });

  it('is complete only when nothing is left open, and lets the environment win over what is embedded', () => {
    const config = loadConfig({ DATABASE_URL: 'postgresql://elsewhere/db' });
    expect(() => completeConfig(config, {})).toThrow(
      /TEMPORAL_ADDRESS.*\n.*SMTP_URL.*\n.*SUPPORT_TOKEN.*\n.*PAYLOAD_KEY.*\n.*SIGNING_KEY/,
    );
    const complete = completeConfig(config, {
      databaseUrl: 'postgresql://localhost/embedded',
      temporalAddress: 'localhost:7233',
      smtpUrl: 'smtp://localhost:1025',
      supportToken: 'token',
      payloadKey: Buffer.alloc(32),
      signingKey: Buffer.alloc(32, 1),
    });
    expect(complete.databaseUrl).toBe('postgresql://elsewhere/db');
    expect(complete.temporalAddress).toBe('localhost:7233');
  });

  it('derives another key for each purpose, and the same one each time', () => {
    const anyKey = Buffer.alloc(32, 1);
    const inviteKeys = deriveKey(anyKey, 'invite-token');
    expect(inviteKeys).toHaveLength(32);
    expect(inviteKeys).toEqual(deriveKey(anyKey, 'invite-token'));
    expect(inviteKeys).not.toEqual(deriveKey(anyKey, 'audit-checkpoint-signing'));
    expect(inviteKeys).not.toEqual(deriveKey(Buffer.alloc(32, 2), 'invite-token'));
  });

  it.each([
    [{}, true],
    [production, false],
    [{ ...production, ALLOW_PRIVATE_ADDRESSES: 'true' }, true],
    [{ ALLOW_PRIVATE_ADDRESSES: 'false' }, false],
  ])(
    'lets what tenants name be in private networks outside of production, or where it is told to (%#)',
    (given, allowed) => {
      expect(loadConfig(given).allowPrivateAddresses).toBe(allowed);
    },
  );

  it('signs audit checkpoints with a key that whoever reads payloads does not have', () => {
    const refusal = refusalOf({ ...production, SIGNING_KEY: undefined });
    expect(refusal.message).toContain('SIGNING_KEY is missing. Make one with `openssl rand -base64 32`');
    expect(completeConfig(loadConfig(production)).signingKey).toEqual(signingKey);
  });

  it('knows the key of every witness, in the order of their addresses', () => {
    const named = { WITNESS_URLS: 'https://one.example/ , https://two.example', WITNESS_KEYS: 'one+k,two+k' };
    expect(loadConfig(named).witnesses).toEqual([
      { url: 'https://one.example', key: 'one+k' },
      { url: 'https://two.example', key: 'two+k' },
    ]);
    expect(loadConfig({}).witnesses).toEqual([]);
    expect(refusalOf({ ...named, WITNESS_KEYS: 'one+k' }).message).toContain('names 1 keys for 2 witnesses');
    expect(refusalOf({ WITNESS_URLS: 'witness.example', WITNESS_KEYS: 'k' }).variables).toEqual(['WITNESS_URLS']);
  });

  it('refuses a SIGNING_KEY that is the payload key', () => {
    expect(refusalOf({ ...production, SIGNING_KEY: production.PAYLOAD_KEY }).variables).toEqual(['SIGNING_KEY']);
  });

  it.each([
    ['PUBLIC_URL', 'http://countersign.example.com', 'is not https'],
    ['SUPPORT_TOKEN', 'a'.repeat(16), 'repeats so few characters'],
    ['SUPPORT_TOKEN', 'abababababababab', 'repeats so few characters'],
    ['PAYLOAD_KEY', Buffer.alloc(32).toString('base64'), 'repeats so few bytes'],
    ['SIGNING_KEY', Buffer.alloc(32, 7).toString('base64'), 'repeats so few bytes'],
  ])('refuses production with %s=%s, which protects nobody', (variable, value, why) => {
    const refusal = refusalOf({ ...production, [variable]: value });
    expect(refusal.variables).toEqual([variable]);
    expect(refusal.message).toContain(why);
    expect(loadConfig({ [variable]: value }).nodeEnv).toBe('development');
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000'])(
    'takes %s in production, too: it crosses no network',
    (publicUrl) => {
      expect(loadConfig({ ...production, PUBLIC_URL: publicUrl }).publicUrl).toBe(publicUrl);
    },
  );

  it.each([
    [{}, false],
    [production, true],
    [{ ...production, SMTP_REQUIRE_TLS: 'false' }, false],
    [{ SMTP_REQUIRE_TLS: 'true' }, true],
  ])('sends mails through TLS only in production, unless it is told otherwise (%#)', (given, required) => {
    expect(loadConfig(given).smtpRequireTls).toBe(required);
  });

  it.each([
    [{}, { tls: false }],
    [{ TEMPORAL_TLS: 'true' }, { tls: {} }],
    [{ TEMPORAL_API_KEY: 'key' }, { tls: {}, apiKey: 'key' }],
    [{ TEMPORAL_TLS_SERVER_NAME: 'one.example' }, { tls: { serverNameOverride: 'one.example' } }],
  ])('knows how Temporal is reached: %j', (given, expected) => {
    expect(loadConfig(given as NodeJS.ProcessEnv).temporalSecurity).toEqual(expected);
  });

  it.each([
    [{ TEMPORAL_TLS: 'false', TEMPORAL_API_KEY: 'key' }, 'TEMPORAL_TLS'],
    [{ TEMPORAL_TLS_CLIENT_CERT_PATH: import.meta.filename }, 'TEMPORAL_TLS_CLIENT_KEY_PATH'],
    [{ TEMPORAL_TLS_CLIENT_KEY_PATH: import.meta.filename }, 'TEMPORAL_TLS_CLIENT_CERT_PATH'],
    [{ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' }, 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'],
  ])('refuses half of what secures Temporal: %j', (given, variable) => {
    expect(refusalOf(given as NodeJS.ProcessEnv).variables).toEqual([variable]);
  });

  describe('takes secrets from files', () => {
    let folder: string;
    let file: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'countersign-secrets-'));
      file = join(folder, 'payload-key');
      await writeFile(file, `${production.PAYLOAD_KEY}\n`);
    });

    afterAll(() => rm(folder, { recursive: true }));

    it('as a secret store mounts them, with a line end', () => {
      const given = { ...production, PAYLOAD_KEY: '', PAYLOAD_KEY_FILE: file };
      expect(completeConfig(loadConfig(given)).payloadKey).toEqual(payloadKey);
    });

    it('and names one that says nothing, or twice', () => {
      const missing = { ...production, PAYLOAD_KEY: undefined, PAYLOAD_KEY_FILE: join(folder, 'none') };
      expect(refusalOf(missing).variables).toEqual(['PAYLOAD_KEY_FILE', 'PAYLOAD_KEY']);
      const twice = refusalOf({ ...production, PAYLOAD_KEY_FILE: file });
      expect(twice.variables).toEqual(['PAYLOAD_KEY_FILE']);
      expect(twice.message).toContain('is set beside PAYLOAD_KEY');
      expect(twice.message).not.toContain(production.PAYLOAD_KEY);
    });
  });
});
