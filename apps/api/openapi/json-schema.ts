import { z } from 'zod';

/** Left on the schema of a body that a request may do without, until the body itself says so. */
export const mayBeAbsent = 'x-may-be-absent';

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks; schemas with an id become components. */
export function jsonSchemaOf(schema: unknown, io: 'input' | 'output') {
  const {
    $defs,
    $schema: _dialect,
    ...converted
  } = z.toJSONSchema(schema as z.ZodType, { io, target: 'draft-2020-12', unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  if (io === 'input' && (schema as z.ZodType).safeParse(undefined).success) converted[mayBeAbsent] = true;
  return { schema: converted, components: ($defs ?? {}) as Record<string, never> };
}
