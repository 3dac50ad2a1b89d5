import type { OpenAPIObject } from '@nestjs/swagger';
import { glossary } from './glossary.ts';

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Gives each property and parameter without a description of its own the meaning that the word has everywhere. */
export function describeAll({ components, paths }: OpenAPIObject): void {
  for (const [name, schema] of Object.entries(components?.schemas ?? {})) describeSchema(schema, name);
  for (const operations of Object.values(paths)) {
    for (const method of methods) {
      const { parameters = [], ...operation } = operations[method] ?? {};
      for (const parameter of parameters) {
        if ('name' in parameter) parameter.description ??= glossary[parameter.name] ?? '';
      }
      describeSchema(operation, '');
    }
  }
}

/** Keywords whose values are data, whatever they look like. */
const data = new Set(['example', 'examples', 'enum', 'const', 'default']);

function describeSchema(node: unknown, schemaName: string): void {
  if (!isObject(node)) return;
  for (const [keyword, value] of Object.entries(node)) {
    if (keyword === 'properties' && isObject(value)) describeProperties(value, schemaName);
    else if (!data.has(keyword)) describeSchema(value, schemaName);
  }
}

function describeProperties(properties: Record<string, unknown>, schemaName: string): void {
  for (const [word, property] of Object.entries(properties)) {
    const meaning = glossary[`${schemaName}.${word}`] ?? glossary[word];
    // Beside a reference a description would say what the component says already.
    if (meaning && isObject(property) && !('$ref' in property)) property['description'] ??= meaning;
    describeSchema(property, schemaName);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
