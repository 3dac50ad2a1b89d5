import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { bruToEnvJsonV2, bruToJsonV2 } from '@usebruno/lang';
import { createWorld, type World } from '../support/world.ts';

type Json = Record<string, unknown>;
interface Operation extends Json {
  operationId: string;
  parameters?: { name: string; description?: string }[];
}

const methods = new Set(['get', 'post', 'put', 'patch', 'delete']);
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

let world: World;
let text: string;
let document: { components: { schemas: Json }; paths: Record<string, Record<string, Operation>>; servers: unknown[] };

beforeAll(async () => {
  world = await createWorld({ worker: false });
  text = await (await fetch(`${world.baseUrl}/openapi.json`)).text();
  document = JSON.parse(text);
});
afterAll(() => world.stop());

const operations = () =>
  Object.values(document.paths).flatMap((path) =>
    Object.entries(path).flatMap(([method, operation]) => (methods.has(method) ? [operation] : [])),
  );

/** Every object of the document that stands where a schema's properties stand, with the place it stands at. */
function* propertiesIn(node: unknown, place: string): Generator<[string, Json]> {
  if (!isObject(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'example' || key === 'examples') continue;
    if (key !== 'properties' || !isObject(value)) yield* propertiesIn(value, `${place}/${key}`);
    else
      for (const [name, property] of Object.entries(value)) {
        if (isObject(property)) yield [`${place}/${name}`, property];
        yield* propertiesIn(property, `${place}/${name}`);
      }
  }
}

function* referencesIn(node: unknown): Generator<string> {
  if (!isObject(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string') yield value;
    else yield* referencesIn(value);
  }
}

describe('the OpenAPI document', () => {
  it('refers to nothing that is not there', () => {
    const known = new Set(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`));
    expect([...new Set(referencesIn(document))].filter((reference) => !known.has(reference))).toEqual([]);
  });

  it('names each operation by a verb and what it is about, once', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(?:[A-Z][a-z]+)*$/.test(id))).toEqual([]);
    expect(ids).toEqual(expect.arrayContaining(['requestElevation', 'listElevations', 'getElevation', 'evaluate']));
  });

  it('says of every property and parameter what it means', () => {
    const properties = [...propertiesIn(document, '')]
      .filter(([, property]) => !property['$ref'] && !property['description'])
      .map(([place]) => place);
    const parameters = operations().flatMap(({ operationId, parameters: all = [] }) =>
      all.filter(({ description }) => !description).map(({ name }) => `${operationId} ${name}`),
    );
    expect([...properties, ...parameters]).toEqual([]);
  });

  it('says where the service is', () => {
    expect(document.servers).toEqual([expect.objectContaining({ url: world.config.publicUrl })]);
  });

  it('has patterns that a person can read', () => {
    const patterns = [...propertiesIn(document, '')].flatMap(([place, { pattern, format }]) =>
      (format === 'date-time' || format === 'uuid') && typeof pattern === 'string' && pattern.length > 60
        ? [place]
        : [],
    );
    expect(patterns).toEqual([]);
  });

  it('passes a linter', async () => {
    const problems = await lintFromString({
      source: text,
      absoluteRef: 'openapi.json',
      config: await createConfig({
        extends: ['recommended'],
        rules: {
          // This repository is private: its document has no licence to name.
          'info-license': 'off',
          'no-server-example.com': 'off',
          'operation-4xx-response': 'error',
          // What is written out wins over what stands for an id.
          'no-ambiguous-paths': 'off',
          // Single sign-on answers by sending the browser on.
          'operation-2xx-response': 'off',
        },
      }),
    });
    expect(
      problems.map(({ ruleId, severity, message, location }) => [ruleId, severity, message, location[0]?.pointer]),
    ).toEqual([]);
  });
});

describe('the Bruno collection', () => {
  it('has each operation as a request that Bruno reads', async () => {
    const { brunoCollection } = await import('../../packages/client/bruno.mjs');
    const files = brunoCollection(document);
    const requests = [...files].filter(([name]) => name.includes('/') && !name.startsWith('environments/'));
    const read = requests.map(([, request]) => bruToJsonV2(request));
    expect(read.map(({ meta }) => meta.name).sort()).toEqual(
      operations()
        .map(({ operationId }) => operationId)
        .sort(),
    );
    const asked = read.find(({ meta }) => meta.name === 'requestElevation');
    expect(asked).toMatchObject({ http: { method: 'post', url: '{{baseUrl}}/v1/elevations', auth: 'bearer' } });
    expect(JSON.parse(asked?.body?.json ?? '')).toMatchObject({ reason: expect.any(String) });
    expect(bruToEnvJsonV2(files.get('environments/local.bru') ?? '').variables).toContainEqual(
      expect.objectContaining({ name: 'token', secret: true }),
    );
  });
});

describe('its page', () => {
  it('shows every operation with what it takes and answers, without scripts or styles in the text', async () => {
    const page = await fetch(`${world.baseUrl}/docs`);
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe-inline');
    const html = await page.text();
    for (const { operationId } of operations()) expect(html).toContain(`<details id="${operationId}">`);
    expect(html).toContain('From nothing to an answer in five steps');
    expect(html).toContain('eligibleApprovers.count');
  });
});
