import { z } from 'zod';

/** Length of PAYLOAD_KEY and SIGNING_KEY in bytes: AES-256 and an Ed25519 seed both take 32. */
export const KEY_LENGTH_BYTES = 32;

const port = z.coerce.number().int().min(0).max(65_535);
const days = z.coerce.number().int().min(1).max(3650);
const hostAndPort = z.string().regex(/^[^\s/]+:\d{1,5}$/, 'host:port expected');
const key = z.base64().transform((text, context) => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_LENGTH_BYTES) {
    context.addIssue({ code: 'custom', message: `${KEY_LENGTH_BYTES} bytes expected, ${bytes.length} found` });
  }
  return bytes;
});

/** Keys with commas between them. */
const keys = z
  .string()
  .transform((text) => text.split(',').flatMap((one) => one.trim() || []))
  .pipe(z.array(key));

/** Every variable Countersign reads, checked one by one; what is required depends on NODE_ENV (required-in-production.ts). */
export const environmentSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: port.default(3000),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  SEALER_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(4).max(1000).default(10),
  // What is right depends on NODE_ENV (load-config.ts).
  DRAIN_SECONDS: z.coerce.number().int().min(0).max(60).optional(),
  WORKER_PORT: port.optional(),
  TEMPORAL_ADDRESS: hostAndPort.optional(),
  // Temporal's runtime looks no names up.
  TEMPORAL_METRICS_ADDRESS: z
    .string()
    .regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[\da-f:.]+\]):\d{1,5}$/i, 'IP address:port expected')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_TLS: z.stringbool().optional(),
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string().optional(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string().optional(),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_UI_PORT: port.default(8233),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  // What is right depends on NODE_ENV (load-config.ts).
  SMTP_REQUIRE_TLS: z.stringbool().optional(),
  MAIL_FROM: z.string().regex(/@/, 'a mail address expected').default('Countersign <no-reply@countersign.local>'),
  SUPPORT_TOKEN: z.string().optional(),
  PAYLOAD_KEY: key.optional(),
  PAYLOAD_KEYS: keys.optional(),
  SIGNING_KEY: key.optional(),
  NEXT_SIGNING_KEY: key.optional(),
  WITNESS_URLS: z.string().optional(),
  WITNESS_KEYS: z.string().optional(),
  MINIMUM_DURATION_SECONDS: z.coerce.number().int().min(1).default(300),
  DATA_DIR: z.string().default('.countersign'),
  ATTACH_WITHOUT_APPROVAL: z.stringbool().default(false),
  // What is right depends on NODE_ENV (load-config.ts).
  ALLOW_PRIVATE_ADDRESSES: z.stringbool().optional(),
  ROLE_MATRIX_FILE: z.string().optional(),
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(3000),
  ASKS_PER_HOUR: z.coerce.number().int().min(1).default(20),
  MAILS_PER_HOUR: z.coerce.number().int().min(1).default(60),
  TRUSTED_PROXIES: z.string().optional(),
  SESSIONS_KEPT_DAYS: days.default(30),
  RESETS_KEPT_DAYS: days.default(7),
  NUDGES_KEPT_DAYS: days.default(30),
  TASK_QUEUE: z.string().default('countersign'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type EnvironmentValues = z.output<typeof environmentSchema>;

export const environmentVariables = environmentSchema.keyof();

export type EnvironmentVariable = keyof typeof environmentSchema.shape;

/** What is right for a variable, in the words of the person who has to set it. */
export const nextSteps: Record<EnvironmentVariable, string> = {
  NODE_ENV: 'Set development, test or production',
  PORT: 'Set a port from 0 to 65535, such as 3000',
  PUBLIC_URL: 'Set the address people open in a browser, such as https://countersign.example.com',
  DATABASE_URL: 'Set the PostgreSQL to use, such as postgresql://countersign:secret@db.example.com:5432/countersign',
  SEALER_DATABASE_URL:
    'Set the same PostgreSQL with the user that alone writes seals, such as postgresql://countersign_sealer:secret@db.example.com:5432/countersign',
  DATABASE_POOL_SIZE: 'Set how many connections a process shares among its transactions, from 4 on; 10 is the default',
  DRAIN_SECONDS:
    'Set how many seconds an API that is told to end says so before it lets nobody in, from 0 to 60; 5 is the default in production, 0 elsewhere',
  TEMPORAL_ADDRESS: 'Set host:port of the Temporal frontend, such as temporal.example.com:7233',
  WORKER_PORT:
    'Set the port on which a worker tells its health and metrics, such as 3001; without one it listens nowhere',
  TEMPORAL_METRICS_ADDRESS:
    "Set IP address:port where the worker's Temporal runtime serves its metrics, such as 0.0.0.0:9464; without one it does not",
  TEMPORAL_NAMESPACE: 'Set the name of a Temporal namespace, such as default',
  TEMPORAL_TLS: 'Set true for TLS to Temporal, false for clear text; a certificate or an API key means true',
  TEMPORAL_TLS_SERVER_NAME:
    "Set the name in the Temporal frontend's certificate, where it is another than that of TEMPORAL_ADDRESS",
  TEMPORAL_TLS_SERVER_CA_CERT_PATH:
    "Set the path of the PEM file of the authority that made the Temporal frontend's certificate",
  TEMPORAL_TLS_CLIENT_CERT_PATH:
    'Set the path of the PEM file of our certificate, for Temporal; its key is TEMPORAL_TLS_CLIENT_KEY_PATH',
  TEMPORAL_TLS_CLIENT_KEY_PATH: 'Set the path of the PEM file of the key of TEMPORAL_TLS_CLIENT_CERT_PATH',
  TEMPORAL_API_KEY: 'Set the API key of a Temporal Cloud namespace',
  TEMPORAL_UI_PORT: 'Set a port from 0 to 65535, such as 8233',
  SMTP_URL: 'Set the mail server to send with, such as smtps://user:secret@smtp.example.com:465',
  SMTP_REQUIRE_TLS:
    'Set true to send mails through TLS only, false for a mail server without it; true is the default in production',
  MAIL_FROM: 'Set the sender of all mails, such as "Countersign <no-reply@example.com>"',
  SUPPORT_TOKEN:
    'Make one with `openssl rand -hex 32`, the bearer token that takes in the first two of the support team and nobody beside them; `off` lets nobody in by it',
  PAYLOAD_KEY: 'Make one with `openssl rand -base64 32` and keep it: stored payloads and sent links depend on it',
  PAYLOAD_KEYS:
    'Set former and coming payload keys, separated by commas: they open what they have sealed; PAYLOAD_KEY alone seals',
  SIGNING_KEY:
    'Make one with `openssl rand -base64 32` and keep it: audit checkpoints are signed with it; change it by `countersign keys rotate` only',
  NEXT_SIGNING_KEY: 'Make one with `openssl rand -base64 32`; only `countersign keys rotate` reads it',
  WITNESS_URLS:
    'Set where witnesses take checkpoints, separated by commas, such as https://witness.example.org/countersign',
  WITNESS_KEYS: 'Set the key of each witness, in the order of WITNESS_URLS, as `countersign audit witness` prints it',
  MINIMUM_DURATION_SECONDS: 'Set whole seconds from 1 on; 300 is the default',
  ATTACH_WITHOUT_APPROVAL:
    'Set true to let partners attach unmanaged customers without their approval; false is the default',
  ALLOW_PRIVATE_ADDRESSES:
    'Set true to let webhooks and single sign-on lead into private networks; the default is false in production, true elsewhere',
  REQUESTS_PER_MINUTE: 'Set what one person, service or network may send in a minute; 3000 is the default',
  ASKS_PER_HOUR: 'Set how often one person may ask one organization for something within an hour; 20 is the default',
  MAILS_PER_HOUR:
    'Set how many mails about what others ask one person gets within an hour, before further ones wait; 60 is the default',
  TRUSTED_PROXIES:
    'Set addresses or ranges of the proxies before the API, separated by commas, such as 10.0.0.0/8; none is the default',
  DATA_DIR: 'Set a folder that may be written, such as .countersign',
  ROLE_MATRIX_FILE: 'Set the path of a JSON list of {table, role, setting, level}, or leave it out',
  SESSIONS_KEPT_DAYS: 'Set for how many days sessions that ended are kept, from 1 to 3650; 30 is the default',
  RESETS_KEPT_DAYS:
    'Set for how many days password resets and changes of address that are over are kept, from 1 to 3650; 7 is the default',
  NUDGES_KEPT_DAYS: 'Set for how many days it is kept what workflows were told of, from 1 to 3650; 30 is the default',
  TASK_QUEUE: 'Set the name of a Temporal task queue, such as countersign',
  LOG_LEVEL: 'Set trace, debug, info, warn, error, fatal or silent',
};
