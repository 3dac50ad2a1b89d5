import { readFileSync } from 'node:fs';
import type { ConfigurationProblem } from './configuration-error.ts';
import { nextSteps, type EnvironmentValues, type EnvironmentVariable } from './environment.ts';

/** How the way to Temporal is secured, and who we are there. */
export interface TemporalSecurity {
  /** False: clear text, as on a laptop. */
  readonly tls:
    | false
    | {
        readonly serverNameOverride?: string;
        /** PEM; default: the authorities of the system. */
        readonly serverRootCACertificate?: Buffer;
        /** PEM, both. */
        readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
      };
  /** Temporal Cloud's way to know who asks. */
  readonly apiKey?: string;
}

/** Reads the variables named as Temporal's own tools name them. Problems are added to the list. */
export function readTemporalSecurity(
  given: Partial<EnvironmentValues>,
  problems: ConfigurationProblem[],
): TemporalSecurity {
  const refuse = (variable: EnvironmentVariable, problem: string) =>
    problems.push({ variable, problem, nextStep: nextSteps[variable] });
  const contentOf = (variable: EnvironmentVariable): Buffer | undefined => {
    const path = given[variable];
    if (typeof path !== 'string') return undefined;
    try {
      return readFileSync(path);
    } catch {
      refuse(variable, "names a file that can't be read");
      return undefined;
    }
  };
  const text = (variable: EnvironmentVariable) => {
    const value = given[variable];
    return typeof value === 'string' ? value : undefined;
  };
  const [crtPath, keyPath] = [text('TEMPORAL_TLS_CLIENT_CERT_PATH'), text('TEMPORAL_TLS_CLIENT_KEY_PATH')];
  if (crtPath && !keyPath) refuse('TEMPORAL_TLS_CLIENT_KEY_PATH', 'is missing');
  if (keyPath && !crtPath) refuse('TEMPORAL_TLS_CLIENT_CERT_PATH', 'is missing');

  const apiKey = text('TEMPORAL_API_KEY');
  const serverName = text('TEMPORAL_TLS_SERVER_NAME');
  const authority = contentOf('TEMPORAL_TLS_SERVER_CA_CERT_PATH');
  const [crt, key] = [contentOf('TEMPORAL_TLS_CLIENT_CERT_PATH'), contentOf('TEMPORAL_TLS_CLIENT_KEY_PATH')];
  const wantsTls = Boolean(apiKey ?? serverName ?? authority ?? crt);
  if (given.TEMPORAL_TLS === false && wantsTls) {
    refuse('TEMPORAL_TLS', 'is false beside a certificate, a server name or an API key, which only TLS protects');
  }
  if (!(given.TEMPORAL_TLS ?? wantsTls)) return { tls: false };
  return {
    tls: {
      ...(serverName && { serverNameOverride: serverName }),
      ...(authority && { serverRootCACertificate: authority }),
      ...(crt && key && { clientCertPair: { crt, key } }),
    },
    ...(apiKey && { apiKey }),
  };
}
