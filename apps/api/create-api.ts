import { NestFactory } from '@nestjs/core';
import { SwaggerModule } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { createLog, type Log } from '#composition';
import { prepareStrengthEstimator } from '#identity';
import { ApiModule, type ApiParts } from './api.module.ts';
import { refuseDeepBody } from './answers/deep-body.ts';
import { refuseUnreadBody } from './answers/unread-body.ts';
import { Draining } from './draining/draining.ts';
import { endConnections } from './draining/end-connections.ts';
import { useConsole } from './console/use-console.ts';
import { measureRequests } from './health/request-metrics.ts';
import { inviteBatchLimit, isInviteBatch } from './invite-batches/upload.ts';
import { logRequests } from './logging/log-requests.ts';
import { nestLog } from './logging/nest-log.ts';
import { openApiDocument } from './openapi/document.ts';
import { ApiDocument } from './openapi/documentation.pages.ts';
import { warnOfUnnamedProxies, watchForwarding } from './rate-limit/untrusted-proxies.ts';
import { scimAddresses } from './scim/description.ts';
import { signalAddresses } from './signal-streams/description.ts';
import { refuseOtherMethods } from './openapi/method-not-allowed.ts';

/** The API, ready to listen. */
export async function createApi(
  parts: ApiParts,
  log: Log = createLog(parts.config, 'countersign-api'),
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(ApiModule.with(parts), {
    logger: parts.config.logLevel === 'silent' ? false : nestLog(log),
    abortOnError: false,
    bodyParser: false,
  });
  app.disable('x-powered-by');
  // Tags are given to resources by us, from what they are and not from how they were written.
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...parts.config.trustedProxies]);
  warnOfUnnamedProxies(parts.config);
  app.use(watchForwarding(app.getHttpAdapter().getInstance().get('trust proxy fn')));
  app.use(measureRequests);
  if (parts.config.logLevel !== 'silent') app.use(logRequests(log));
  app.use(endConnections(app.get(Draining)));
  useConsole(app);
  const document = openApiDocument(app, parts.config.publicUrl);
  app.use(refuseOtherMethods(document));
  app.use(refuseOtherMethods(scimAddresses));
  app.use(refuseOtherMethods(signalAddresses));
  // Thousands of invites come in one request; every other body is small.
  app.useBodyParser('json', { limit: inviteBatchLimit, type: isInviteBatch('application/json') });
  app.useBodyParser('raw', { limit: inviteBatchLimit, type: isInviteBatch('text/csv') });
  // The longest list of a body, 5,000 customers by their ids, fits.
  app.useBodyParser('json', { limit: '256kb', strict: false, type: ['application/json', 'application/scim+json'] });
  app.use(refuseUnreadBody);
  app.use(refuseDeepBody);
  app.get(ApiDocument).document = document;
  await prepareStrengthEstimator();
  SwaggerModule.setup('docs', app, document, { ui: false, raw: ['json'], jsonDocumentUrl: 'openapi.json' });
  return app;
}
