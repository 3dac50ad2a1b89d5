import type { EnvironmentValues, EnvironmentVariable } from './environment.ts';

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
const MINIMUM_SUPPORT_TOKEN_LENGTH = 16;

/** The SUPPORT_TOKEN that lets nobody in: for when the support team has people. Said, since nothing said may be forgotten. */
export const noSupportToken = 'off';

/** Fewer different ones in a random token or key happen once in longer than anybody waits. */
const MINIMUM_DIFFERENT = 8;

/** What is there and yet protects nobody. */
export function unsafeInProduction(values: EnvironmentValues): [EnvironmentVariable, string][] {
  const unsafe: [EnvironmentVariable, string][] = [];
  const { protocol, hostname } = new URL(values.PUBLIC_URL);
  if (protocol === 'http:' && !isThisMachine(hostname)) {
    unsafe.push(['PUBLIC_URL', 'is not https: sessions and links would cross the network in clear text']);
  }
  const token = values.SUPPORT_TOKEN === noSupportToken ? undefined : values.SUPPORT_TOKEN;
  if (token !== undefined && token.length < MINIMUM_SUPPORT_TOKEN_LENGTH) {
    unsafe.push(['SUPPORT_TOKEN', `is shorter than ${MINIMUM_SUPPORT_TOKEN_LENGTH} characters`]);
  } else if (token !== undefined && new Set(token).size < MINIMUM_DIFFERENT) {
    unsafe.push(['SUPPORT_TOKEN', 'repeats so few characters that it can be guessed']);
  }
  for (const variable of ['PAYLOAD_KEY', 'PAYLOAD_KEYS', 'SIGNING_KEY', 'NEXT_SIGNING_KEY'] as const) {
    const keys = [values[variable] ?? []].flat();
    if (keys.some((key) => new Set(key).size < MINIMUM_DIFFERENT)) {
      unsafe.push([variable, 'repeats so few bytes that it can be guessed']);
    }
  }
  return unsafe;
}

/** Nothing that goes there crosses a network. */
function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
