import type { OpenAPIObject } from '@nestjs/swagger';
import { conventions, introduction, question, steps } from './guide.ts';

interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  example?: unknown;
}

interface Described {
  name: string;
  type: string;
  isRequired: boolean;
  meaning: string;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
}

interface Operation {
  operationId: string;
  tags?: string[];
  summary: string;
  description?: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: Content;
  responses: Record<string, Content & { description: string }>;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
/** Deeper than this an object's own fields are left to the document. */
const deepest = 3;

/** What the documentation page shows: the operations by feature, each with what it takes and answers. */
export function documentation({ paths, components }: Pick<OpenAPIObject, 'paths' | 'components'>, publicUrl: string) {
  const schemas = (components?.schemas ?? {}) as Record<string, Schema>;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method] as unknown as Operation | undefined;
      return operation ? [describe(operation, method, path, schemas)] : [];
    }),
  );
  const features = Map.groupBy(operations, ({ feature }) => feature);
  return {
    introduction,
    steps,
    question: question(publicUrl),
    conventions,
    features: [...features].map(([name, of]) => ({ name, anchor: name.replaceAll(' ', '-'), operations: of })),
  };
}

function describe(operation: Operation, method: string, path: string, schemas: Record<string, Schema>) {
  const { operationId, tags = [], summary, description = '', security = [], parameters = [], responses } = operation;
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  return {
    id: operationId,
    feature: tags[0] ?? 'service',
    method: method.toUpperCase(),
    path,
    summary,
    description,
    isPublic: security.length === 0,
    parameters: parameters.map((one) => ({
      name: one.name,
      type: `${one.in}, ${typeOf(one.schema ?? {}, schemas)}`,
      isRequired: one.required ?? false,
      meaning: one.description ?? '',
    })),
    body: body ? fieldsOf(body, schemas) : [],
    example: exampleOf(body, schemas),
    answers: Object.entries(responses).map(([status, answer]) => ({
      status,
      meanings: answer.description.split('\n\n'),
      fields: status.startsWith('2') ? fieldsOf(answer.content?.['application/json']?.schema ?? {}, schemas) : [],
    })),
  };
}

function resolved(schema: Schema, schemas: Record<string, Schema>): Schema {
  const name = schema.$ref?.split('/').at(-1);
  const variants = schema.anyOf?.filter(({ type }) => type !== 'null') ?? [];
  if (name) return schemas[name] ?? {};
  return variants.length === 1 && variants[0] ? resolved(variants[0], schemas) : schema;
}

/** Every field with its place, `grant.expiresAt`; `items[].id` of lists. */
function fieldsOf(schema: Schema, schemas: Record<string, Schema>, place = '', depth = 0): Described[] {
  const { properties = {}, required = [], items } = resolved(schema, schemas);
  if (items && place) return fieldsOf(items, schemas, `${place}[]`, depth);
  return Object.entries(properties).flatMap(([name, property]) => {
    const at = place ? `${place}.${name}` : name;
    const own = {
      name: at,
      type: typeOf(property, schemas),
      isRequired: required.includes(name),
      meaning: property.description ?? resolved(property, schemas).description ?? '',
    };
    return [own, ...(depth + 1 < deepest ? fieldsOf(property, schemas, at, depth + 1) : [])];
  });
}

function typeOf(schema: Schema, schemas: Record<string, Schema>): string {
  const { type, format, enum: values, const: value, items, anyOf } = resolved(schema, schemas);
  const isNullable = schema.anyOf?.some((one) => one.type === 'null') ?? false;
  const orNull = isNullable ? ' or null' : '';
  if (values) return `${values.map(String).join(' | ')}${orNull}`;
  if (value !== undefined) return `${JSON.stringify(value)}${orNull}`;
  if (items) return `list of ${typeOf(items, schemas)}${orNull}`;
  if (!type && anyOf) return anyOf.map((one) => typeOf(one, schemas)).join(' or ');
  return `${format ?? [type ?? 'anything'].flat().join(' or ')}${orNull}`;
}

function exampleOf(body: Schema | undefined, schemas: Record<string, Schema>): string {
  const example = body && resolved(body, schemas).example;
  return example === undefined ? '' : JSON.stringify(example, null, 2);
}
