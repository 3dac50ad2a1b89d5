/** A Bruno collection of an OpenAPI document: a request an operation, in a folder a path's first words. */
import lang from '@usebruno/lang';

const methods = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** @returns {Map<string, string>} what each file holds, by its path in the collection */
export function brunoCollection(document) {
  const files = new Map([
    ['bruno.json', `${JSON.stringify({ version: '1', name: document.info.title, type: 'collection' }, null, 2)}\n`],
    ['collection.bru', lang.jsonToCollectionBru({ docs: document.info.description })],
    // The token is kept by Bruno, not by the file.
    [
      'environments/local.bru',
      lang.envJsonToBruV2({
        variables: [
          { name: 'baseUrl', value: 'http://localhost:3000', enabled: true, secret: false },
          { name: 'token', value: '', enabled: true, secret: true },
        ],
      }),
    ],
  ]);
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      if (!methods.has(method)) continue;
      const file = `${folderOf(path)}/${operation.operationId}.bru`;
      files.set(file, lang.jsonToBruV2(request(document, path, method, operation, files.size)));
    }
  }
  return files;
}

/** `elevations` of `/v1/elevations/{id}`; what is inside an organization is found under what it is. */
function folderOf(path) {
  const words = path.split('/').filter((part) => part !== '' && !/^(?:v1|access|\.well-known)$/.test(part));
  const [first, , inside] = words;
  return (first === 'organizations' && inside) || first;
}

function request(document, path, method, operation, seq) {
  const parameters = operation.parameters ?? [];
  const of = (place) => parameters.filter((parameter) => parameter.in === place);
  const body = bodyOf(document, operation);
  const isOpen = operation.security?.length === 0;
  return {
    meta: { name: operation.operationId, type: 'http', seq },
    http: {
      method,
      url: `{{baseUrl}}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      body: body ? body.kind : 'none',
      auth: isOpen ? 'none' : 'bearer',
    },
    // What may be left out is there, and off.
    params: [
      ...of('query').map(({ name, required }) => ({ name, value: '', type: 'query', enabled: required === true })),
      ...of('path').map(({ name }) => ({ name, value: '', type: 'path', enabled: true })),
    ],
    headers: of('header').map(({ name }) => ({ name, value: '', enabled: false })),
    ...(isOpen ? {} : { auth: { bearer: { token: '{{token}}' } } }),
    ...(body && { body: { [body.kind]: body.text } }),
    docs: [operation.summary, operation.description].filter(Boolean).join('\n\n'),
  };
}

function bodyOf(document, { requestBody }) {
  const content = requestBody?.content ?? {};
  const [json] = Object.keys(content).filter((mediaType) => /\bjson$/.test(mediaType));
  if (!json) return Object.keys(content).length > 0 ? { kind: 'text', text: '' } : null;
  const example = content[json].example ?? exampleOf(document, content[json].schema);
  return { kind: 'json', text: JSON.stringify(example, null, 2) };
}

/** The example the document gives, else every required member with something of its type. */
function exampleOf(document, schema = {}) {
  if (schema.$ref) return exampleOf(document, document.components.schemas[schema.$ref.split('/').at(-1)]);
  const given = schema.example ?? schema.examples?.[0] ?? schema.const ?? schema.default ?? schema.enum?.[0];
  if (given !== undefined) return given;
  const [choice] = schema.oneOf ?? schema.anyOf ?? [];
  if (choice) return exampleOf(document, choice);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => exampleOf(document, part)));
  if (schema.type === 'array') return [];
  if (schema.type === 'boolean') return false;
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 0;
  if (schema.type === 'string') return '';
  const required = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries(required.map(([name, property]) => [name, exampleOf(document, property)]));
}
