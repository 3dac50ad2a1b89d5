import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { complaintAboutNode, oldestNode } from './require-node.ts';

describe('an older Node.js', () => {
  it.each(['20.20.2', '22.23.3', '23.11.1', '24.6.0'])('is refused with what to do: %s', (version) => {
    expect(complaintAboutNode(version)).toBe(
      `Countersign needs Node.js 24.7.0 or newer; this is ${version}. Install a newer one, or start it with npm (npm start), which brings its own.`,
    );
  });

  it.each(['24.7.0', '24.21.0', '25.0.0', '26.10.0'])('is no complaint about %s', (version) => {
    expect(complaintAboutNode(version)).toBeNull();
  });

  it('is named alike by the package', () => {
    const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      engines: { node: string };
    };
    expect(engines.node).toBe(`>=${oldestNode}`);
  });
});
