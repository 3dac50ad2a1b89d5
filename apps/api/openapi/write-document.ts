/** Writes the OpenAPI document to stdout; no server is started or asked. */
import { completeConfig, loadConfig } from '#config';
import type { Decisions } from '#decisions';
import type { Database } from '#persistence';
import type { TemporalClient } from '#temporal';
import { createApi } from '../create-api.ts';
import { openApiDocument } from './document.ts';

// Routes are read off the controllers; what they would work with is never touched.
const untouched = {};
const config = completeConfig(loadConfig(), {
  databaseUrl: 'postgresql://nowhere',
  temporalAddress: 'nowhere:7233',
  smtpUrl: 'smtp://nowhere',
  supportToken: 'nobody',
  payloadKey: Buffer.alloc(32),
  signingKey: Buffer.alloc(32),
});
const app = await createApi({
  config: { ...config, logLevel: 'silent' },
  database: untouched as Database,
  decisions: untouched as Decisions,
  temporal: untouched as TemporalClient,
});
process.stdout.write(JSON.stringify(openApiDocument(app, config.publicUrl)));
