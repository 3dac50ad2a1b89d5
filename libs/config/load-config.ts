import { resolve } from 'node:path';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.ts';
import { environmentSchema, environmentVariables, type EnvironmentVariable, nextSteps } from './environment.ts';
import { withSecretsFromFiles } from './secret-files.ts';
import { PostgresAddressError, readPostgresAddress } from './postgres-address.ts';
import { readTemporalSecurity, type TemporalSecurity } from './temporal-security.ts';
import { requiredInProduction, unsafeInProduction } from './required-in-production.ts';

/** What the environment says. Servers and secrets may be absent on a laptop: `completeConfig` fills them in. */
export interface Config {
  readonly nodeEnv: 'development' | 'test' | 'production';
  readonly port: number;
  /** Connections that the transactions of a process share. */
  readonly databasePoolSize: number;
  /** How long readiness says no before an API that is told to end lets nobody in: load balancers need as long to notice. */
  readonly drainSeconds: number;
  /** Where a worker tells its health and metrics; nowhere without one. */
  readonly workerPort?: number;
  /** Address people open in a browser, without a trailing slash. */
  readonly publicUrl: string;
  readonly databaseUrl?: string;
  /** As `databaseUrl`, by the login that writes seals; the process' own where it is missing. */
  readonly sealerDatabaseUrl?: string;
  /** host:port of the Temporal frontend. */
  readonly temporalAddress?: string;
  /** IP address:port where the worker's Temporal runtime serves its own metrics; nowhere without one. */
  readonly temporalMetricsAddress?: string;
  readonly temporalNamespace: string;
  readonly temporalSecurity: TemporalSecurity;
  readonly temporalUiPort: number;
  readonly smtpUrl?: string;
  /** Whether a mail server without TLS gets no mail. */
  readonly smtpRequireTls: boolean;
  readonly mailFrom: string;
  /** Bearer token of the support team. */
  readonly supportToken?: string;
  /** 32 bytes; the payload codec's key and the root of all derived keys. */
  readonly payloadKey?: Buffer;
  /** As `payloadKey`: they open what they have sealed, here or in a process that was started before or after this one. */
  readonly otherPayloadKeys: readonly Buffer[];
  /** 32 bytes, an Ed25519 seed: signs audit checkpoints. A key of its own, so that who reads payloads can't sign. */
  readonly signingKey?: Buffer;
  /** As `signingKey`: what `countersign keys rotate` hands over to. */
  readonly nextSigningKey?: Buffer;
  /** Who countersigns the audit trail: where checkpoints are brought to, and the witness's key in C2SP's form. */
  readonly witnesses: readonly { readonly url: string; readonly key: string }[];
  /** Lower bound of every duration policy, in seconds. */
  readonly minimumDurationSeconds: number;
  /** Whether partners may attach unmanaged customers at once, under the conditions of the rules. */
  readonly attachWithoutApproval: boolean;
  /** Whether webhooks and identity providers may be in private networks, and webhooks be plain http. */
  readonly allowPrivateAddresses: boolean;
  /** What one person, service or network may send in a minute; evaluations ten times as much. */
  readonly requestsPerMinute: number;
  /** How often one person may ask one organization for something within an hour: each time mails everybody who decides. */
  readonly asksPerHour: number;
  /** How many mails about what others ask one person gets within an hour; further ones wait. */
  readonly mailsPerHour: number;
  /** Addresses and ranges of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Absolute path of the embedded servers' state. */
  readonly dataDir: string;
  /** Absolute path of the file that overrides inferred cells of the role matrices. */
  readonly roleMatrixFile?: string;
  /** For how many days what is over is kept. */
  readonly retention: { readonly sessions: number; readonly resets: number; readonly nudges: number };
  readonly taskQueue: string;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

/**
 * Reads and checks the whole environment.
 * @throws ConfigurationError naming every variable that is missing (in production) or wrong.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const problems: ConfigurationProblem[] = [];
  const given = withSecretsFromFiles(withoutEmptyValues(environment), problems);
  const isProduction = given['NODE_ENV'] === 'production';
  const missing = isProduction ? requiredInProduction.filter((variable) => given[variable] === undefined) : [];
  // A placeholder lets the schema go on to the other variables; `missing` refuses the start anyway.
  const publicUrl = given['PUBLIC_URL'] ?? `http://localhost:${given['PORT'] ?? '3000'}`;
  const parsed = environmentSchema.safeParse({ ...given, PUBLIC_URL: publicUrl });

  problems.push(...missing.map((variable) => problemOf(variable, 'is missing')));
  for (const issue of parsed.error?.issues ?? []) {
    const variable = environmentVariables.parse(issue.path[0]);
    if (variable === 'PUBLIC_URL' && given['PUBLIC_URL'] === undefined) continue;
    problems.push(problemOf(variable, `is not usable (${issue.message})`));
  }
  if (given['SIGNING_KEY'] !== undefined && given['SIGNING_KEY'] === given['PAYLOAD_KEY']) {
    problems.push(problemOf('SIGNING_KEY', 'is the payload key'));
  }
  const unsafe = isProduction ? parsed.data && unsafeInProduction(parsed.data) : [];
  problems.push(...(unsafe ?? []).map(([variable, problem]) => problemOf(variable, problem)));
  for (const variable of ['DATABASE_URL', 'SEALER_DATABASE_URL'] as const) {
    const address = parsed.data?.[variable];
    const addressProblem = address && problemOfAddress(address);
    if (addressProblem) problems.push(problemOf(variable, addressProblem));
  }
  const temporalSecurity = readTemporalSecurity(parsed.data ?? {}, problems);
  const [witnessUrls, witnessKeys] = [listOf(given['WITNESS_URLS']), listOf(given['WITNESS_KEYS'])];
  if (!witnessUrls.every((url) => /^https?:/.test(url) && URL.canParse(url))) {
    problems.push(problemOf('WITNESS_URLS', 'is not usable (addresses expected)'));
  }
  if (witnessUrls.length !== witnessKeys.length) {
    problems.push(problemOf('WITNESS_KEYS', `names ${witnessKeys.length} keys for ${witnessUrls.length} witnesses`));
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigurationError(problems);

  const values = parsed.data;
  return {
    nodeEnv: values.NODE_ENV,
    port: values.PORT,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    // On a laptop nobody balances load, and Ctrl-C should be quick.
    drainSeconds: values.DRAIN_SECONDS ?? (isProduction ? 5 : 0),
    workerPort: values.WORKER_PORT,
    publicUrl: values.PUBLIC_URL,
    databaseUrl: values.DATABASE_URL,
    sealerDatabaseUrl: values.SEALER_DATABASE_URL,
    temporalAddress: values.TEMPORAL_ADDRESS,
    temporalMetricsAddress: values.TEMPORAL_METRICS_ADDRESS,
    temporalNamespace: values.TEMPORAL_NAMESPACE,
    temporalSecurity,
    temporalUiPort: values.TEMPORAL_UI_PORT,
    smtpUrl: values.SMTP_URL,
    // A password or a link that anybody on the way may read is no secret; a laptop's mail catcher knows no TLS.
    smtpRequireTls: values.SMTP_REQUIRE_TLS ?? isProduction,
    mailFrom: values.MAIL_FROM,
    supportToken: values.SUPPORT_TOKEN,
    payloadKey: values.PAYLOAD_KEY,
    otherPayloadKeys: values.PAYLOAD_KEYS ?? [],
    signingKey: values.SIGNING_KEY,
    nextSigningKey: values.NEXT_SIGNING_KEY,
    witnesses: witnessUrls.map((url, index) => ({ url: url.replace(/\/+$/, ''), key: witnessKeys[index] ?? '' })),
    minimumDurationSeconds: values.MINIMUM_DURATION_SECONDS,
    attachWithoutApproval: values.ATTACH_WITHOUT_APPROVAL,
    // On a laptop receivers and providers are local servers; in production that would open the inner network to tenants.
    allowPrivateAddresses: values.ALLOW_PRIVATE_ADDRESSES ?? !isProduction,
    requestsPerMinute: values.REQUESTS_PER_MINUTE,
    asksPerHour: values.ASKS_PER_HOUR,
    mailsPerHour: values.MAILS_PER_HOUR,
    trustedProxies: listOf(values.TRUSTED_PROXIES),
    dataDir: resolve(values.DATA_DIR),
    roleMatrixFile: values.ROLE_MATRIX_FILE === undefined ? undefined : resolve(values.ROLE_MATRIX_FILE),
    retention: {
      sessions: values.SESSIONS_KEPT_DAYS,
      resets: values.RESETS_KEPT_DAYS,
      nudges: values.NUDGES_KEPT_DAYS,
    },
    taskQueue: values.TASK_QUEUE,
    logLevel: values.LOG_LEVEL,
  };
}

/** `docker compose` and CI systems hand over an unset variable as an empty string. */
function withoutEmptyValues(environment: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim()));
}

function problemOfAddress(databaseUrl: string): string | null {
  try {
    readPostgresAddress(databaseUrl);
    return null;
  } catch (error) {
    if (error instanceof PostgresAddressError) return error.message;
    throw error;
  }
}

/** What stands between commas. */
function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((part) => part.trim() || []);
}

function problemOf(variable: EnvironmentVariable, problem: string): ConfigurationProblem {
  return { variable, problem, nextStep: nextSteps[variable] };
}
