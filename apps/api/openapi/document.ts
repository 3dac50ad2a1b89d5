import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { z } from 'zod';
import { createInviteBatch, hostname, problem, slug, plainText, uuid, type ErrorCode } from '#contracts';
import { describeAll } from './describe.ts';
import { guide } from './guide.ts';
import { jsonSchemaOf, mayBeAbsent } from './json-schema.ts';
import { operationId } from './operation-id.ts';
import { problemResponses } from './problem-responses.ts';

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** How a request can fail that brings a body. */
const problemsOfBodies: readonly ErrorCode[] = ['body_too_deep', 'body_too_large', 'unsupported_media_type'];

/** Path parameters that are no ids. */
const otherPathParameters: Readonly<Record<string, z.ZodType>> = {
  organizationSlug: slug,
  address: plainText(254).min(1),
  domain: hostname,
};

/** The OpenAPI document of the service at that address. */
export function openApiDocument(app: INestApplication, publicUrl: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Countersign')
    .setDescription(guide(publicUrl))
    .addServer(publicUrl)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addSecurity('bearer', {
      type: 'http',
      scheme: 'bearer',
      description: 'A session token, an API key or the support token.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: operationId,
    standardSchemaConverter: (schema, { schemaType }) => jsonSchemaOf(schema, schemaType),
  });
  document.components ??= {};
  document.components.schemas ??= {};
  // Named where no route's own schema is converted: in every refusal, and for rows that come as JSON or as CSV.
  Object.assign(
    document.components.schemas,
    jsonSchemaOf(problem, 'output').components,
    jsonSchemaOf(createInviteBatch, 'input').components,
  );
  for (const operations of Object.values(document.paths)) {
    for (const method of methods) {
      const operation = operations[method];
      if (operation) complete(operation);
    }
  }
  describeAll(document);
  return document;
}

/** What follows from the shape of a route, so that no controller has to say it. */
function complete(operation: OperationObject): void {
  // Said out loud, so that nobody takes a public route for a forgotten one.
  operation.security ??= [];
  for (const parameter of operation.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'path')
      parameter.schema = jsonSchemaOf(otherPathParameters[parameter.name] ?? uuid, 'input').schema;
  }
  const body = operation.requestBody;
  if (!body || !('content' in body)) return;
  for (const [mediaType, content] of Object.entries(body.content)) {
    if (mediaType.startsWith('text/')) content.schema = { type: 'string' };
    if (!content.schema || !(mayBeAbsent in content.schema)) continue;
    body.required = false;
    delete content.schema[mayBeAbsent];
  }
  for (const { status, ...response } of problemResponses(problemsOfBodies)) {
    operation.responses[status] ??= response as never;
  }
}
