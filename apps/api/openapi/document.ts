import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { problem } from '#contracts';

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks; schemas with an id become components. */
function jsonSchemaOf(schema: unknown, io: 'input' | 'output') {
  const {
    $defs,
    $schema: _dialect,
    ...converted
  } = z.toJSONSchema(schema as z.ZodType, { io, target: 'draft-2020-12', unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  return { schema: converted, components: ($defs ?? {}) as Record<string, never> };
}

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Countersign')
    .setDescription(
      'A workflow engine for approval-based access: invites, help-desk elevation, external administrators.',
    )
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addSecurity('bearer', {
      type: 'http',
      scheme: 'bearer',
      description: 'A session token, an API key or the support token.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: (schema, { schemaType }) => jsonSchemaOf(schema, schemaType),
  });
  document.components ??= {};
  document.components.schemas ??= {};
  document.components.schemas['Problem'] = jsonSchemaOf(problem, 'output').schema;
  return document;
}
