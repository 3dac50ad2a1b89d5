import { ConfigurationError } from './configuration-error.ts';
import type { Keys } from './derive-key.ts';
import { type EnvironmentVariable, nextSteps } from './environment.ts';
import type { Config } from './load-config.ts';

/** Servers and secrets the process can't run without. */
export interface ServersAndSecrets {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly smtpUrl: string;
  readonly supportToken: string;
  readonly payloadKey: Buffer;
  /** 32 bytes, an Ed25519 seed: signs audit checkpoints. */
  readonly signingKey: Buffer;
}

/** A configuration with nothing left open: the only one API and worker take. */
export interface CompleteConfig extends Config, ServersAndSecrets {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly smtpUrl: string;
  readonly supportToken: string;
  readonly payloadKey: Buffer;
  /** The payload key and those that open what others have sealed. */
  readonly payloadKeys: Keys;
  readonly signingKey: Buffer;
}

/**
 * Joins the environment's word with what was started or generated beside it; the environment wins.
 * @throws ConfigurationError naming every server or secret that neither of them knows.
 */
export function completeConfig(config: Config, embedded: Partial<ServersAndSecrets> = {}): CompleteConfig {
  const databaseUrl = config.databaseUrl ?? embedded.databaseUrl;
  const temporalAddress = config.temporalAddress ?? embedded.temporalAddress;
  const smtpUrl = config.smtpUrl ?? embedded.smtpUrl;
  const supportToken = config.supportToken ?? embedded.supportToken;
  const payloadKey = config.payloadKey ?? embedded.payloadKey;
  const signingKey = config.signingKey ?? embedded.signingKey;
  if (!databaseUrl || !temporalAddress || !smtpUrl || !supportToken || !payloadKey || !signingKey) {
    const required: [EnvironmentVariable, unknown][] = [
      ['DATABASE_URL', databaseUrl],
      ['TEMPORAL_ADDRESS', temporalAddress],
      ['SMTP_URL', smtpUrl],
      ['SUPPORT_TOKEN', supportToken],
      ['PAYLOAD_KEY', payloadKey],
      ['SIGNING_KEY', signingKey],
    ];
    const missing = required.filter(([, value]) => !value).map(([variable]) => variable);
    throw new ConfigurationError(
      missing.map((variable) => ({ variable, problem: 'is missing', nextStep: nextSteps[variable] })),
    );
  }
  const payloadKeys: Keys = [payloadKey, ...config.otherPayloadKeys.filter((key) => !key.equals(payloadKey))];
  return { ...config, databaseUrl, temporalAddress, smtpUrl, supportToken, payloadKey, payloadKeys, signingKey };
}
