import type { EnvironmentVariable } from './environment.ts';

/**
 * Servers and secrets a laptop gets embedded or generated. In production a generated one would be lost or differ between
 * two instances, so a missing one is a refusal to start.
 */
export const requiredInProduction: readonly EnvironmentVariable[] = [
  'PUBLIC_URL',
  'DATABASE_URL',
  'TEMPORAL_ADDRESS',
  'SMTP_URL',
  'SUPPORT_TOKEN',
  'PAYLOAD_KEY',
  'SIGNING_KEY',
];

/** The shortest SUPPORT_TOKEN production accepts, in characters: the token is as strong as every administrator together. */
export const MINIMUM_SUPPORT_TOKEN_LENGTH = 16;

/** The SUPPORT_TOKEN that lets nobody in: for when the support team has people. Said, since nothing said may be forgotten. */
export const noSupportToken = 'off';
