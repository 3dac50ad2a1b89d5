import { z } from 'zod';

/** Left on the schema of a body that a request may do without, until the body itself says so. */
export const mayBeAbsent = 'x-may-be-absent';

/** What a validator checks to the last digit is told to readers by its format; the pattern says the form at a glance. */
const readablePatterns: Readonly<Record<string, string | undefined>> = {
  uuid: undefined,
  'date-time': String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$`,
};

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks; schemas with an id become components. */
export function jsonSchemaOf(schema: unknown, io: 'input' | 'output') {
  const {
    $defs,
    $schema: _dialect,
    ...converted
  } = z.toJSONSchema(schema as z.ZodType, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const { format, pattern } = jsonSchema;
      if (!format || !pattern || !(format in readablePatterns)) return;
      const readable = readablePatterns[format];
      if (readable === undefined) delete jsonSchema.pattern;
      else jsonSchema.pattern = readable;
    },
  }) as Record<string, unknown> & { $ref?: string };
  const components = ($defs ?? {}) as Record<string, Record<string, unknown>>;
  const id = z.globalRegistry.get(schema as z.ZodType)?.id;
  // Whatever has a name is a component, also where it is the whole body: generators name their types by it.
  if (id) components[id] ??= converted;
  const whole: Record<string, unknown> = id ? { $ref: `#/components/schemas/${id}` } : converted;
  if (io === 'input' && (schema as z.ZodType).safeParse(undefined).success) whole[mayBeAbsent] = true;
  return { schema: whole, components: components as Record<string, never> };
}
