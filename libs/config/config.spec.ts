import { describe, expect, it } from '@jest/globals';

import { completeConfig, ConfigurationError, deriveKey, loadConfig } from './index.ts';

const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://countersign.example.com/',
  DATABASE_URL: 'postgresql://countersign:secret@db.example.com/countersign',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
  SMTP_URL: 'smtps://user:secret@smtp.example.com:465',
  SUPPORT_TOKEN: 'a-token-nobody-guesses',
  PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
  SIGNING_KEY: Buffer.alloc(32, 9).toString('base64'),
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
    expect(config.payloadKey).toEqual(Buffer.alloc(32, 7));
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
    const payloadKey = Buffer.alloc(32, 1);
    const inviteKey = deriveKey(payloadKey, 'invite-token');
    expect(inviteKey).toHaveLength(32);
    expect(inviteKey).toEqual(deriveKey(payloadKey, 'invite-token'));
    expect(inviteKey).not.toEqual(deriveKey(payloadKey, 'audit-checkpoint-signing'));
    expect(inviteKey).not.toEqual(deriveKey(Buffer.alloc(32, 2), 'invite-token'));
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
    expect(completeConfig(loadConfig(production)).signingKey).toEqual(Buffer.alloc(32, 9));
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
});
